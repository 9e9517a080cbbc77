import type { FlagDocumentRow } from '@crossfade/engine';

/**
 * The journal says which revision is the newest, and who appends has read it to its end. Documents that were removed are no
 * harm: the next one is then the newest again. Documents that the journal does not know of would hide it from applications.
 * @throws Error naming both revisions.
 */
export function assertNewest(published: FlagDocumentRow | null, newestRevision: number): void {
  if (published === null || published.revision > newestRevision) return;
  throw new Error(
    `flags of revision ${published.revision} cannot be published: crossfade.flag_documents already has revision ` +
      `${newestRevision}, which the journal does not know; remove what was written there by hand`,
  );
}
