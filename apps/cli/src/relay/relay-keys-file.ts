import { readFileSync, statSync } from 'node:fs';
import { keyProblems, type RelayKey } from '@crossfade/relay';
import { z } from 'zod';
import { errorText } from '../error-text.ts';
import { Refusal } from '../exit-codes.ts';

const keySchema = z.strictObject({
  name: z.string(),
  key: z.string(),
  kind: z.enum(['server', 'client', 'operator']),
  origins: z.array(z.string()).optional(),
  requestsPerMinute: z.number().optional(),
});
const fileSchema = z.strictObject({ keys: z.array(keySchema) });

export interface KeysFile {
  readonly keys: readonly RelayKey[];
  /** Others on this machine may read the keys. */
  readonly isOpenToOthers: boolean;
}

/**
 * The keys of a relay: `{"keys": [{"name": "shop", "key": "…", "kind": "server"}]}`.
 * @throws {Refusal} naming the file and everything that is wrong with it, and never a key itself.
 */
export function readKeysFile(path: string): KeysFile {
  const keys = parse(path, read(path)).map(({ origins, requestsPerMinute, ...key }) => ({
    ...key,
    ...(origins && { origins }),
    ...(requestsPerMinute !== undefined && { requestsPerMinute }),
  }));
  const problems = keyProblems(keys);
  if (problems.length > 0) throw new Refusal(`--keys ${path}: ${problems.join('\n  ')}`);
  return { keys, isOpenToOthers: process.platform !== 'win32' && (statSync(path).mode & 0o077) !== 0 };
}

function read(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    throw new Refusal(`--keys ${path}: expected a file with keys: ${errorText(error)}`, { cause: error });
  }
}

function parse(path: string, text: string): z.output<typeof keySchema>[] {
  let found: unknown;
  try {
    found = JSON.parse(text);
  } catch {
    // The parser's own words repeat what it found, which may be a key.
    throw new Refusal(`--keys ${path}: expected JSON such as {"keys": [{"name": …, "key": …, "kind": …}]}`);
  }
  const parsed = fileSchema.safeParse(found);
  if (parsed.success) return parsed.data.keys;
  const problems = parsed.error.issues.map(
    ({ path: place, message }) => `${place.join('.') || 'the document'}: ${message}`,
  );
  throw new Refusal(`--keys ${path}: ${problems.join('\n  ')}`);
}
