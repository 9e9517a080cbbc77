import type { OpenRelease } from './release.ts';

/** Put in when a release is packed (tools/release). Sources as they are have no such word: they are Batch 2. */
declare const PARLEY_BATCH: 1 | 2 | undefined;

/** Where flags come from, and the file that keeps the last known ones. */
export type FlagSettings = {
  connectionString: string;
  directConnectionString?: string;
  backupFile?: string;
};

/** The release that this is. What belongs to another one is not even loaded, and not in what was packed. */
export async function loadRelease(settings: FlagSettings): Promise<OpenRelease> {
  if (typeof PARLEY_BATCH !== 'undefined' && PARLEY_BATCH === 1) {
    const { openBatch1 } = await import('./batch-1/release.ts');
    return openBatch1;
  }
  const { connectBatch2 } = await import('./batch-2/connect-batch-2.ts');
  return connectBatch2(settings);
}
