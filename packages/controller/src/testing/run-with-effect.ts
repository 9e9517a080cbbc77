import { applyEvent, emptyJournal, type RunState } from '@crossfade/engine';

/** A run of the work plan that has asked for one effect. */
export function runWithEffect(
  step: string,
  key = `run-1/${step}/forward/1`,
  direction: 'forward' | 'undo' = 'forward',
): RunState {
  const start = {
    type: 'run.started',
    plan: 'work',
    planDigest: 'digest',
    speed: 1,
    week1IsoDate: '2026-01-05',
    planStartOffsetMs: 0,
  } as const;
  const asked = { type: 'effect.requested', key, step, direction, kind: 'do', input: null } as const;
  const { run } = applyEvent(applyEvent(emptyJournal, 'run-1', start, 1), 'run-1', asked, 2);
  if (!run) throw new Error('the journal has a run');
  return run;
}
