import { setTimeout as sleep } from 'node:timers/promises';
import { drawPlace, nameOf, type Milestone } from './milestones.ts';
import type { Scene } from './scene.ts';
import type { Seeded } from './seeded.ts';

const longestPauseMs = 400;

/** When something happens to a run. */
export interface Moment {
  readonly after: Milestone;
  /** So long after the milestone; null, where the end may be near: while the next write of a controller is held. */
  readonly pauseMs: number | null;
}

export function drawMoment(random: Seeded): Moment {
  const { milestone, isLate } = drawPlace(random);
  const pauseMs = random.between(0, longestPauseMs);
  return { after: milestone, pauseMs: isLate ? null : pauseMs };
}

/** So many of them as chance decides, with whatever else belongs to each. */
export function drawSeveral<T>(random: Seeded, [low, high]: readonly [number, number], draw: () => T): T[] {
  return Array.from({ length: random.between(low, high) }, draw);
}

/** Strikes at that moment; the run cannot end before. Returns whether there was anything left to strike. */
export async function atMoment(
  scene: Scene,
  { after, pauseMs }: Moment,
  strike: (when: string) => Promise<void> | void,
): Promise<boolean> {
  const name = nameOf(after);
  if (pauseMs === null)
    return await scene.atWrite({ after, nth: 1 }, async () => {
      await strike(`after ${name}`);
      return 'go on' as const;
    });
  if (!(await scene.journalReaches(after))) return false;
  await sleep(pauseMs);
  if (scene.isOver) return false;
  await strike(`${pauseMs} ms after ${name}`);
  return true;
}
