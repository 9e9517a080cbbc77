import type { JournalEntry } from '@crossfade/engine';
import { isoTime } from './iso-time.ts';
import type { Report } from './report-schema.ts';

type Rollback = Report['rollbacks'][number];

/** Every roll-back in the journal, of earlier runs too: a plan that was taken back before is not hidden by a later success. */
export function rollbackFigures(entries: readonly JournalEntry[]): Rollback[] {
  const rollbacks: Rollback[] = [];
  for (const { event, runId, atMs } of entries) {
    const open = rollbacks.findLast(
      (candidate) => candidate.runId === runId && candidate.finishedAt === null,
    );
    if (event.type === 'rollback.requested' && !open) rollbacks.push(begun(runId, event.reason, atMs));
    if (event.type === 'rollback.started' && !open) rollbacks.push(begun(runId, event.reason, atMs));
    if (event.type === 'flags.published' && open && open.flagsOffAfterMs === null) {
      open.flagsOffAfterMs = atMs - Date.parse(open.startedAt);
    }
    if (event.type === 'rollback.completed' && open) open.finishedAt = isoTime(atMs);
  }
  return rollbacks;
}

function begun(runId: string, reason: string, atMs: number): Rollback {
  return { runId, reason, startedAt: isoTime(atMs), flagsOffAfterMs: null, finishedAt: null };
}
