import { setTimeout as sleep } from 'node:timers/promises';
import { errorText } from '../error-text.ts';

/** `note`: to be known; `warning`: works now and may not later; `problem`: does not work. */
export type Level = 'ok' | 'note' | 'warning' | 'problem';

export type Area = 'machine' | 'database' | 'run';

export interface Finding {
  readonly area: Area;
  readonly level: Level;
  /** A word or two, the same each time, for scripts. */
  readonly topic: string;
  readonly what: string;
  /** What to do about it; null where there is nothing to do. */
  readonly todo: string | null;
}

/** One thing that is looked at. What it throws is a problem, and so is that it does not end. */
export interface Check {
  readonly area: Area;
  readonly topic: string;
  look(): Promise<readonly Seen[]> | readonly Seen[];
}

/** What a check says; area and topic are its own. */
export type Seen = Pick<Finding, 'level' | 'what' | 'todo'>;

export const ok = (what: string): Seen => ({ level: 'ok', what, todo: null });
export const note = (what: string, todo: string | null = null): Seen => ({ level: 'note', what, todo });
export const warning = (what: string, todo: string): Seen => ({ level: 'warning', what, todo });
export const problem = (what: string, todo: string): Seen => ({ level: 'problem', what, todo });

/** Never rejects, and takes no longer than `limitMs` whatever hangs. */
export async function perform(check: Check, limitMs: number): Promise<Finding[]> {
  const done = new AbortController();
  const seen = await Promise.race([looked(check), tooSlow(limitMs, done.signal)]);
  done.abort();
  return seen.map((one) => ({ area: check.area, topic: check.topic, ...one }));
}

async function looked(check: Check): Promise<readonly Seen[]> {
  try {
    return await check.look();
  } catch (error) {
    return [problem(errorText(error), 'do what it says; then "crossfade doctor" again')];
  }
}

async function tooSlow(limitMs: number, signal: AbortSignal): Promise<readonly Seen[]> {
  await sleep(limitMs, undefined, { signal }).catch((error: unknown) => {
    if (!signal.aborted) throw error;
  });
  const what = `no answer within ${limitMs / 1_000} s`;
  return [problem(what, 'a disk, a network or a server hangs: look at it first')];
}
