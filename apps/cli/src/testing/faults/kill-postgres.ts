import { setTimeout as sleep } from 'node:timers/promises';
import { join } from 'node:path';
import { duringARun } from './during-a-run.ts';
import { atMoment, drawMoment, drawSeveral, type Moment } from './moment.ts';

interface Kill {
  readonly at: Moment;
  /** Before the next one, when it is back. */
  readonly restMs: number;
}

export const postmasterKilled = duringARun<readonly Kill[]>({
  name: 'postmaster-killed',
  about:
    'SIGKILL of the Postgres server, once or twice; what keeps it up starts it again on its data and port',
  setting: {
    startServer: async (ground, trial) => await ground.startOwnServer(join(ground.folder, `${trial}-server`)),
  },
  requestsMayFail: true,
  draw: (random) =>
    drawSeveral(random, [1, 2], () => ({ at: drawMoment(random), restMs: random.between(500, 2_000) })),
  async inflict(scene, kills) {
    for (const { at, restMs } of kills) {
      const came = await atMoment(scene, at, (when) => {
        scene.server?.killPostmaster();
        scene.done.push(`postmaster killed ${when}`);
      });
      if (!came) return;
      await scene.server?.comesBack();
      await sleep(restMs);
    }
  },
});
