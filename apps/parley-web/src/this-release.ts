import { batch1 } from './batch-1/release.ts';
import { batch2 } from './batch-2/release.ts';
import type { Release } from './release.ts';

/** Put in by build.ts. Tests run sources as they are, which have no such word: they are Batch 2. */
declare const PARLEY_BATCH: 1 | 2 | undefined;

/** The release that this page is. The other one is not in what was built. */
export const release: Release = typeof PARLEY_BATCH !== 'undefined' && PARLEY_BATCH === 1 ? batch1 : batch2;
