/** One problem of a plan, with its place. Errors keep a plan from running; warnings do not. */
export interface Finding {
  readonly severity: 'error' | 'warning';
  readonly file: string;
  /** From 1. */
  readonly line: number;
  readonly column: number;
  /** Where in the document: `phases[1].steps[0].at`; empty for the document as a whole. */
  readonly path: string;
  /** The offending value, shortened to one line. */
  readonly value: string;
  readonly message: string;
  readonly expected: string;
  readonly hint?: string;
}

export type PathPart = string | number;
export type DocumentPath = readonly PathPart[];

/** `phases[1].steps[0].at` */
export function pathText(path: DocumentPath): string {
  return path
    .map((part, index) => {
      if (typeof part === 'number') return `[${part}]`;
      if (!/^[A-Za-z_][\w-]*$/.test(part)) return `[${shorten(JSON.stringify(part))}]`;
      return index === 0 ? part : `.${part}`;
    })
    .join('');
}

/** `at`, `steps[0]`: the end of a path, as it is called in a sentence. */
export function lastName(path: DocumentPath): string {
  const last = path.at(-1);
  return typeof last === 'number' ? `${String(path.at(-2) ?? 'item')}[${last}]` : (last ?? 'the plan');
}

const longestValue = 60;

/** A value in one short line. */
export function valueText(value: unknown): string {
  if (value === undefined) return 'nothing';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value)) return value.length === 0 ? 'an empty list' : `a list of ${value.length}`;
  if (value !== null && typeof value === 'object') {
    const keys = Object.keys(value);
    return keys.length === 0 ? 'an empty map' : shorten(`a map with ${keys.slice(0, 6).join(', ')}`);
  }
  return shorten(JSON.stringify(value) ?? 'nothing');
}

function shorten(text: string): string {
  return oneLine(text, longestValue);
}

/** Text of a plan, made fit for a terminal: no line breaks, no control characters, and no longer than that. */
export function oneLine(text: string, longest: number): string {
  const line = text
    .slice(0, 2 * longest)
    .replaceAll(/\s+/gu, ' ')
    .replaceAll(/\p{Cc}|\p{Cf}/gu, (found) => `\\u{${found.codePointAt(0)?.toString(16)}}`);
  if (line.length <= longest) return line;
  // Half of a surrogate pair is not text.
  return `${line.slice(0, longest - 1).replace(/[\uD800-\uDBFF]$/, '')}…`;
}
