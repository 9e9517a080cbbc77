import { scanSync, type ScanToken } from 'libpg-query';
import { quoteIdentifier } from '../../sql/identifiers.ts';

/** Where a statement is tried out: every real schema has one that stands for it. */
export interface Scratch {
  /** Real schema → its stand-in. */
  readonly schemas: ReadonlyMap<string, string>;
  /** What is there in the stand-ins, or will be. */
  readonly names: ReadonlySet<string>;
}

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/**
 * The statement with `public.messages` written as `scratch.messages`, and without CONCURRENTLY, which no transaction allows.
 * What stands in strings and in the bodies of functions stays as it is.
 */
export function intoScratch(text: string, { schemas, names }: Scratch): string {
  const bytes = encoder.encode(text);
  const { tokens } = scanSync(text);
  const parts: string[] = [];
  let copied = 0;
  const replace = ({ start, end }: ScanToken, by: string): void => {
    parts.push(decoder.decode(bytes.subarray(copied, start)), by);
    copied = end;
  };
  for (const [at, token] of tokens.entries()) {
    const [dot, name] = [tokens[at + 1], tokens[at + 2]];
    const standIn = schemas.get(nameIn(token));
    const isPlace = dot?.text === '.' && name !== undefined && names.has(nameIn(name));
    if (standIn !== undefined && isPlace && tokens[at - 1]?.text !== '.')
      replace(token, quoteIdentifier(standIn));
    else if (nameIn(token) === 'concurrently' && /^index$/i.test(tokens[at - 1]?.text ?? ''))
      replace(token, '');
  }
  return parts.join('') + decoder.decode(bytes.subarray(copied));
}

/** `Public` → `public`, `"Public"` → `Public` */
function nameIn({ text }: ScanToken): string {
  return text.startsWith('"') ? text.slice(1, -1).replaceAll('""', '"') : text.toLowerCase();
}
