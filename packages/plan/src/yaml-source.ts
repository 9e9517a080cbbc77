import { isAlias, isMap, isScalar, isSeq, LineCounter, parseDocument } from 'yaml';
import type { Alias, Document, Node } from 'yaml';
import type { DocumentPath } from './finding.ts';
import { readYamlValue } from './yaml-value.ts';

export interface Place {
  readonly line: number;
  readonly column: number;
}

export interface YamlProblem extends Place {
  readonly path: DocumentPath;
  readonly value: string;
  readonly message: string;
  readonly expected: string;
}

/** A YAML file as plain data, which still knows where each value was written. */
export interface YamlSource {
  /** undefined when the text is not readable as YAML at all. */
  readonly value: unknown;
  readonly problems: readonly YamlProblem[];
  /** Where a value stands; the nearest thing around it when it is missing. `key`: where its name stands. */
  placeOf(path: DocumentPath, what: 'value' | 'key'): Place;
}

const largestBytes = 1_000_000;

/**
 * Reads YAML 1.2 (core schema). Never throws, whatever the text: a file that is too large, nested too deeply, or that grows
 * through aliases is a problem like any other, found in bounded time.
 */
export function readYaml(text: string): YamlSource {
  const bytes = Buffer.byteLength(text);
  if (bytes > largestBytes) return unreadable(`The file has ${bytes} bytes`, `at most ${largestBytes} bytes`);
  const deep = tooDeep(text);
  if (deep) return unreadable(deep, 'at most 60 levels');
  const lines = new LineCounter();
  // The library looks for duplicate keys in quadratic time; readYamlValue does it with a set.
  const document = parseDocument(text, {
    version: '1.2',
    schema: 'core',
    lineCounter: lines,
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: 'error',
  });
  const syntax = [...document.errors, ...document.warnings].map(({ message, pos }) => ({
    ...placeAt(lines, pos[0]),
    path: [],
    value: firstWord(text, pos[0]),
    message: `This is not valid YAML: ${message}`,
    expected: 'YAML 1.2',
  }));
  if (syntax.length > 0) return { value: undefined, problems: syntax, placeOf: () => syntax[0] ?? start };
  return readDocument(document, lines);
}

function readDocument(document: Document, lines: LineCounter): YamlSource {
  const read = readYamlValue(document.contents);
  const problems = read.problems.map(({ node, ...rest }) => ({ ...rest, ...placeAt(lines, node?.range?.[0]) }));
  return {
    value: read.value,
    problems,
    placeOf: (path, what) => placeAt(lines, offsetOf(document.contents, read.targets, path, what)),
  };
}

function offsetOf(
  root: unknown,
  targets: ReadonlyMap<Alias, Node>,
  path: DocumentPath,
  what: 'value' | 'key',
): number | undefined {
  let node: unknown = root;
  let offset = startOf(root);
  for (const [index, part] of path.entries()) {
    if (isAlias(node)) node = targets.get(node);
    if (isSeq(node) && typeof part === 'number') node = node.items[part];
    else if (isMap(node)) {
      const pair = node.items.findLast((item) => isScalar(item.key) && String(item.key.value) === String(part));
      if (!pair) return offset;
      if (index === path.length - 1 && what === 'key') return startOf(pair.key) ?? offset;
      node = pair.value ?? pair.key;
    } else return offset;
    offset = startOf(node) ?? offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}

const start: Place = { line: 1, column: 1 };

function placeAt(lines: LineCounter, offset: number | undefined): Place {
  if (offset === undefined) return start;
  const { line, col } = lines.linePos(offset);
  return line < 1 ? start : { line, column: Math.max(1, col) };
}

function unreadable(message: string, expected: string): YamlSource {
  const problem = { ...start, path: [], value: '', message: `${message}.`, expected };
  return { value: undefined, problems: [problem], placeOf: () => start };
}

function firstWord(text: string, offset: number): string {
  return /^[^\n]{0,40}/.exec(text.slice(offset, offset + 40))?.[0] ?? '';
}

const deepestFlow = 60;
const deepestIndent = 400;

/**
 * A cheap look at the text before the parser, which recurses into what is nested: brackets never closed, and lines that
 * begin with many list dashes. Brackets inside text count too; no honest plan has so many.
 */
function tooDeep(text: string): string | undefined {
  let open = 0;
  for (const character of text) {
    if (character === '[' || character === '{') open += 1;
    else if ((character === ']' || character === '}') && open > 0) open -= 1;
    if (open > deepestFlow) return 'The brackets are nested too deeply';
  }
  if (new RegExp(`^ {${deepestIndent},}\\S|^ *(?:[-?] +){${deepestFlow},}`, 'm').test(text))
    return 'The lists and maps are nested too deeply';
  return undefined;
}
