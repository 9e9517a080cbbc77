import { duringARun } from './during-a-run.ts';
import type { Fault } from './fault.ts';

const preload = new URL('./shift-clock.ts', import.meta.url).href;
const hourMs = 3_600_000;

interface Shift {
  readonly shiftMs: number;
}

/** The environment of a process that takes it to be so much later than it is. */
export function shiftedBy(shiftMs: number): Readonly<Record<string, string>> {
  return { NODE_OPTIONS: `--import ${preload}`, CROSSFADE_CLOCK_SHIFT_MS: String(shiftMs) };
}

/** One process believes that it is hours earlier or later than it is. */
function clockOff(victim: 'controller' | 'parley'): Fault {
  return duringARun<Shift>({
    name: `clock-of-${victim}-off`,
    about: `the clock of the ${victim} is off by hours`,
    draw: (random) => ({ shiftMs: random.pick([-1, 1]) * random.between(1, 48 * 60) * (hourMs / 60) }),
    setting: ({ shiftMs }) => ({ env: (name) => (name === `${victim}-1` ? shiftedBy(shiftMs) : {}) }),
    async inflict(scene) {
      const shifted = scene.processes.environmentOf(`${victim}-1`)['CROSSFADE_CLOCK_SHIFT_MS'];
      scene.done.push(`clock of ${victim} off by ${(Number(shifted) / hourMs).toFixed(1)} hours`);
      await scene.runEnds();
    },
  });
}

export const clockFaults: readonly Fault[] = [clockOff('controller'), clockOff('parley')];
