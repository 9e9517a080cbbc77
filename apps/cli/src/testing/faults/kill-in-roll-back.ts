import { appendOperatorCommand } from '@crossfade/controller';
import { createPostgresStore } from '@crossfade/store';
import { loadJournal, pinnedPlan } from '../../control.ts';
import { duringARun } from './during-a-run.ts';
import { readRemains } from './examine.ts';
import { drawKill, killAtWrite, type Kill } from './kill-controller.ts';
import {
  drawWriteOnTheWayBack,
  fillBegins,
  nameOf,
  placesWithWorkDone,
  wayBack,
  type Milestone,
} from './milestones.ts';
import { drawSeveral } from './moment.ts';
import { leaseMs, type Scene } from './scene.ts';
import { writesOutOfReach } from './writes-out-of-reach.ts';

const mostKills = 2;

/** As `crossfade rollback` does while a controller leads: the controller then does the work. */
async function askForRollback(scene: Scene): Promise<void> {
  const store = await createPostgresStore({ connectionString: scene.databaseUrl });
  try {
    const { journal } = await loadJournal(store);
    const bound = await pinnedPlan(store, journal);
    if (!bound) throw new Error('there is no run to take back');
    const written = await appendOperatorCommand({ store, plan: bound.plan }, ({ run }) =>
      run
        ? [
            {
              runId: run.runId,
              actor: 'somebody',
              event: { type: 'rollback.requested', reason: 'a fault trial' },
            },
          ]
        : [],
    );
    if (written.length === 0) throw new Error('the roll-back that was asked for was not journalled');
  } finally {
    await store.close();
  }
}

interface TakenBack {
  readonly after: Milestone;
  /** On the way back. */
  readonly kills: readonly Kill[];
}

export const controllerKilledInRollback = duringARun<TakenBack>({
  name: 'roll-back-killed',
  about: 'somebody takes the run back, and the controller is killed (SIGKILL) at writes on the way',
  isTakenBack: true,
  draw: (random) => ({
    after: random.pick<Milestone>(placesWithWorkDone),
    kills: drawSeveral(random, [1, mostKills], () => drawKill(random, drawWriteOnTheWayBack(random))),
  }),
  async inflict(scene, { after, kills }) {
    const killAll = async (): Promise<void> => {
      for (const kill of kills) if (!(await killAtWrite(scene, kill))) break;
      if (scene.done.length === 0) throw new Error('the run was back before anything was done to it');
    };
    if (!(await scene.journalReaches(after))) throw new Error(`the run ended before ${nameOf(after)}`);
    await Promise.all([killAll(), askForRollback(scene)]);
    scene.done.push(`taken back after ${nameOf(after)}`);
  },
});

/** No accident: shows that those on the way back can strike at every write. */
export const takenBack = duringARun<null>({
  name: 'taken-back',
  about: 'somebody takes the run back, and that is all',
  isTakenBack: true,
  draw: () => null,
  async inflict(scene) {
    if (!(await scene.journalReaches(fillBegins)))
      throw new Error('the run ended before it could be taken back');
    const writes = scene.observeWrites();
    await askForRollback(scene);
    scene.done.push('taken back');
    await scene.runEnds();
    const { entries } = await readRemains(scene.databaseUrl);
    const outOfReach = writesOutOfReach({ writes, entries }, wayBack, leaseMs / 3);
    if (outOfReach.length > 0) throw new Error(`no accident can strike at ${outOfReach.join(', ')}`);
  },
});
