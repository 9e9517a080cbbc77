import type { PauseState, RunState } from './state.ts';

/** The pause that lasts; null while the run goes on. */
export function currentPause(run: RunState): PauseState | null {
  const last = run.pauses.at(-1);
  return last?.toMs === null ? last : null;
}

/** When the run last went on after a pause, in database time; 0 when it never did. */
export function resumedAtMs(run: RunState): number {
  return run.pauses.findLast(({ toMs }) => toMs !== null)?.toMs ?? 0;
}

/** How much of the real time since then was spent in pauses: what watches does not count it. */
export function pausedMsSince(run: RunState, sinceMs: number, nowMs: number): number {
  return run.pauses.reduce((sumMs, { fromMs, toMs }) => {
    return sumMs + Math.max(0, (toMs ?? nowMs) - Math.max(fromMs, sinceMs));
  }, 0);
}

export function withPause(run: RunState, reason: string, atMs: number): RunState {
  if (run.status !== 'running' || run.rollback || currentPause(run)) return run;
  return { ...run, pauses: [...run.pauses, { fromMs: atMs, toMs: null, reason }] };
}

export function withoutPause(run: RunState, atMs: number): RunState {
  const open = currentPause(run);
  return open ? { ...run, pauses: [...run.pauses.slice(0, -1), { ...open, toMs: atMs }] } : run;
}
