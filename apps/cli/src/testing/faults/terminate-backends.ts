import { setTimeout as sleep } from 'node:timers/promises';
import { duringARun } from './during-a-run.ts';
import { atMoment, drawMoment, drawSeveral, type Moment } from './moment.ts';

interface Termination {
  readonly at: Moment;
  /** Before the next one. */
  readonly restMs: number;
}

export const backendsTerminated = duringARun<readonly Termination[]>({
  name: 'backends-terminated',
  about: 'every session of everybody is ended by the server, once to three times',
  requestsMayFail: true,
  draw: (random) =>
    drawSeveral(random, [1, 3], () => ({ at: drawMoment(random), restMs: random.between(300, 1_500) })),
  async inflict(scene, terminations) {
    for (const { at, restMs } of terminations) {
      const came = await atMoment(scene, at, async (when) => {
        const { rowCount } = await scene.direct.query(
          `select pg_terminate_backend(pid) from pg_stat_activity
            where datname = current_database() and pid <> pg_backend_pid()`,
        );
        if (!rowCount) throw new Error(`there was no session to terminate ${when}`);
        scene.done.push(`${rowCount} sessions terminated ${when}`);
      });
      if (!came) return;
      await sleep(restMs);
    }
  },
});
