import { duringARun } from './during-a-run.ts';
import { drawWrite, fillBegins, nameOf, type WritePoint } from './milestones.ts';
import { drawSeveral } from './moment.ts';
import type { Scene } from './scene.ts';
import type { Seeded } from './seeded.ts';

const mostKills = 3;
/** Batches of the fill and what is written between them. */
const writesOfFill = 20;

/** SIGKILL at a write of the controller: before it reaches the server, or when it is done and unheard of. */
export interface Kill extends WritePoint {
  readonly moment: 'before' | 'after';
}

export function drawKill(random: Seeded, point: WritePoint): Kill {
  return { ...point, moment: random.pick(['before', 'after']) };
}

/** Whether that write came. */
export async function killAtWrite(scene: Scene, { moment, ...point }: Kill): Promise<boolean> {
  return await scene.atWrite(point, ({ controller, sql, isLast }) => {
    const kill = (): 'drop' => {
      if (!controller.signal('SIGKILL'))
        throw new Error(`${controller.name} was gone when it was to be killed`);
      const wanted = `write ${point.nth} after ${nameOf(point.after)}`;
      const place = isLast ? `its last write, for want of ${wanted}` : wanted;
      scene.done.push(`controller killed ${moment} ${place} (${firstLineOf(sql)})`);
      return 'drop';
    };
    return moment === 'before' ? kill() : { whenAnswered: kill };
  });
}

/** Of an SQL text, without its comments. */
export function firstLineOf(sql: string): string {
  const lines = sql.split('\n').map((line) => line.trim());
  return (lines.find((line) => line !== '' && !line.startsWith('--')) ?? '').slice(0, 50);
}

/** One kill after the other, for as long as there is a run to hurt. */
async function killSeveralTimes(scene: Scene, kills: readonly Kill[]): Promise<void> {
  for (const kill of kills) if (!(await killAtWrite(scene, kill))) return;
}

export const controllerKilled = duringARun<readonly Kill[]>({
  name: 'controller-killed',
  about: 'SIGKILL of the controller at writes of its own, before or after they are done',
  draw: (random) => drawSeveral(random, [1, mostKills], () => drawKill(random, drawWrite(random))),
  inflict: killSeveralTimes,
});

export const controllerKilledInBackfill = duringARun<readonly Kill[]>({
  name: 'backfill-killed',
  about: 'SIGKILL of the controller between and within the batches of its backfill',
  draw: (random) =>
    drawSeveral(random, [1, mostKills], () =>
      drawKill(random, { after: fillBegins, nth: random.between(1, writesOfFill) }),
    ),
  inflict: killSeveralTimes,
});
