import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../until.ts';
import { duringARun } from './during-a-run.ts';
import { atMoment, drawMoment, drawSeveral, type Moment } from './moment.ts';

interface Kill {
  /** Of two: 0 or 1. */
  readonly index: number;
  readonly at: Moment;
  /** Before the next one. */
  readonly restMs: number;
}

export const parleyKilled = duringARun<readonly Kill[]>({
  name: 'parley-killed',
  about: 'SIGKILL of either of two Parley processes, once to three times; the other one serves on',
  setting: { parleys: 2 },
  requestsMayFail: true,
  draw: (random) =>
    drawSeveral(random, [1, 3], () => ({
      index: random.between(0, 1),
      at: drawMoment(random),
      restMs: random.between(500, 2_000),
    })),
  async inflict(scene, kills) {
    for (const { index, at, restMs } of kills) {
      const came = await atMoment(scene, at, async (when) => {
        await until(`parley-${index + 1} to be there`, () => scene.killParley(index) || undefined);
        scene.done.push(`parley-${index + 1} killed ${when}`);
      });
      if (!came) return;
      await sleep(restMs);
    }
  },
});
