import { currentPause, type JournalEntry, type JournalState } from '@crossfade/engine';

/** The pause that a run is in, and who gave it. */
export interface PausedBy {
  readonly by: string;
  readonly reason: string;
  readonly sinceMs: number;
}

/** Null while the run goes on. */
export function pausedBy(journal: JournalState, entries: readonly JournalEntry[]): PausedBy | null {
  const pause = journal.run && currentPause(journal.run);
  if (!pause) return null;
  const given = entries.findLast(({ event, atMs }) => event.type === 'run.paused' && atMs === pause.fromMs);
  return { by: given?.actor ?? 'unknown', reason: pause.reason, sinceMs: pause.fromMs };
}
