import { concluding } from './concluding.ts';
import { missedMilestones, problemsOfJournal, readRemains, type Remains } from './examine.ts';
import type { Ground } from './ground.ts';
import { places, writesBeforeItLeads } from './milestones.ts';
import { countsOf, problemsOfClients, problemsOfPromises } from './problems-of-people.ts';
import { leaseMs, Scene } from './scene.ts';
import { within } from './within.ts';
import { writesOutOfReach } from './writes-out-of-reach.ts';

/** However it was hurt, a run of the ten-second plan has ended by then. */
export const longestMs = 240_000;

/** What a run that nobody disturbs leaves. */
export interface Undisturbed extends Remains {
  readonly before: Remains;
  /** Writes of the controller at which no accident can strike. */
  readonly outOfReach: readonly string[];
}

const everyPlace = [{ milestone: null, writes: writesBeforeItLeads }, ...places];

const undisturbedRuns = new WeakMap<Ground, Promise<Undisturbed>>();

/**
 * What every other run is compared with; made once, whoever asks first.
 * @throws Error that says what is wrong already without any fault.
 */
export async function undisturbedRun(ground: Ground): Promise<Undisturbed> {
  const known = undisturbedRuns.get(ground) ?? runUndisturbed(ground);
  undisturbedRuns.set(ground, known);
  return await known;
}

async function runUndisturbed(ground: Ground): Promise<Undisturbed> {
  const scene = await Scene.set(ground, {});
  let undisturbed: Undisturbed | undefined;
  const { problems } = await concluding(scene, async () => {
    const before = await readRemains(scene.databaseUrl);
    scene.startControllers();
    const writes = scene.observeWrites();
    const codes = await within(longestMs, scene.runEnds());
    const clients = await scene.peopleLeave();
    const remains = await readRemains(scene.databaseUrl);
    const kept = await scene.promisesKept();
    const outOfReach = writesOutOfReach({ writes, entries: remains.entries }, everyPlace, leaseMs / 3);
    undisturbed = { ...remains, before, outOfReach };
    const found = [
      ...(codes?.[0] === 0 ? [] : [`it ended with ${JSON.stringify(codes)}`]),
      ...problemsOfUndisturbed(undisturbed),
      ...problemsOfPromises(kept, clients),
      ...problemsOfClients(clients, false),
    ];
    const { trial, done } = scene;
    return { trial, ended: 'completed', done, problems: found, ...countsOf(kept, clients) };
  });
  if (!undisturbed || problems.length > 0)
    throw new Error(`already without any fault: ${problems.join('; ')}`);
  return undisturbed;
}

/** What the database itself shows: nothing that is compared with this run later on would be noticed if it were wrong here. */
export function problemsOfUndisturbed({
  before,
  entries,
  frozenRows,
  unfilled,
}: Omit<Undisturbed, 'outOfReach'>): readonly string[] {
  const problems = [...missedMilestones(entries), ...problemsOfJournal(entries)];
  if (frozenRows !== before.frozenRows)
    problems.push(`messages from before the run are ${frozenRows}, and were ${before.frozenRows}`);
  if (unfilled > 0) problems.push(`${unfilled} messages are not filled`);
  return problems;
}
