import { createHash } from 'node:crypto';
import type { PlanFileTexts } from './vocabulary.ts';

/** SHA-256 in hex over path and content of every file, whatever the order they are given in. A run is bound to it. */
export function planDigest(files: PlanFileTexts): string {
  const ordered = Object.entries(files).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(`crossfade-plan-1\n${JSON.stringify(ordered)}`)
    .digest('hex');
}
