import { currentPause } from '@crossfade/engine';
import type { ControllerSnapshot } from './controller-options.ts';

/** What everything waits for now, in one sentence. */
export function sentenceOf(snapshot: Omit<ControllerSnapshot, 'waitsFor'>): string {
  const { leadership, problem, journal, effects, waiting } = snapshot;
  if (problem !== null) return problem;
  if (leadership.status === 'asking') return 'asking for the lease';
  if (leadership.status === 'waiting') {
    const seconds = Math.ceil(leadership.expiresInMs / 1_000);
    return `waiting for ${leadership.holder}, which leads (its lease ends in ${seconds} s unless it is renewed)`;
  }
  const { run } = journal;
  if (run?.status === 'rolling_back' && effects.length === 0)
    return `taking the run back: ${run.rollback?.reason}`;
  const pause = run && currentPause(run);
  if (pause && effects.length === 0) return `paused: ${pause.reason}`;
  const parts = [
    ...effects.map(({ step, progress, kind, lastError, aborting }) => {
      if (aborting) return `${step} lets go of its work (${kind})`;
      return lastError === null
        ? `${step}: ${progress?.note || kind}`
        : `${step} tries again after: ${lastError}`;
    }),
    ...Object.entries(waiting).map(([step, reason]) => `${step}: ${reason}`),
  ];
  return parts.length > 0 ? parts.join('; ') : 'waiting for the calendar';
}
