import { createHash } from 'node:crypto';

/** SHA-256 of the text in UTF-8, in hex: what the log says about a message instead of its text. */
export function bodyHash(body: string): string {
  return createHash('sha256').update(body, 'utf8').digest('hex');
}
