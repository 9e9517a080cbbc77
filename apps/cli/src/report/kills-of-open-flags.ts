import {
  applyEvent,
  emptyJournal,
  settingsInForce,
  type JournalEntry,
  type JournalState,
} from '@crossfade/engine';

/**
 * The uses of the kill switch that took a flag from anybody. What was published with a kill does not tell: several flags may
 * have been switched off in one append, and some of them were open to nobody.
 * @param entries of the whole journal.
 */
export function killsOfOpenFlags(entries: readonly JournalEntry[]): ReadonlySet<JournalEntry> {
  const kills = new Set<JournalEntry>();
  let before = emptyJournal;
  for (const entry of entries) {
    const { runId, event, atMs } = entry;
    if (event.type === 'flag.killed' && isOpen(before, event.flag)) kills.add(entry);
    before = applyEvent(before, runId, event, atMs);
  }
  return kills;
}

function isOpen({ run, killedFlags }: JournalState, flag: string): boolean {
  if (!run || killedFlags.includes(flag)) return false;
  const audiences = settingsInForce(run).exposures[flag]?.audiences ?? [];
  return audiences.some(({ percentage }) => percentage > 0);
}
