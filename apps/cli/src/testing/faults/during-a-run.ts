import type { ClientLog } from '../../report/client-log.ts';
import { concluding } from './concluding.ts';
import { problemsOfJournal, readRemains, statusOf, type Remains } from './examine.ts';
import { nobody, type Fault, type FaultAt, type TrialResult } from './fault.ts';
import { chanceOf } from './ground.ts';
import { countsOf, problemsOfClients, problemsOfPromises } from './problems-of-people.ts';
import { Scene, sendsAgainLimitMs, type Setting } from './scene.ts';
import type { Seeded } from './seeded.ts';
import { longestMs, undisturbedRun, type Undisturbed } from './undisturbed-run.ts';
import { within } from './within.ts';

/** What a fault's trials have in common, whatever their moments are. */
interface Rules {
  readonly name: string;
  readonly about: string;
  readonly unavailable?: Fault['unavailable'];
  /** Parley or its database is taken away, so that somebody may be turned away for a time. */
  readonly requestsMayFail?: boolean;
  /** Somebody asks for the roll-back: the run must end with it. Otherwise it must not, unless requests may fail. */
  readonly isTakenBack?: boolean;
}

interface RunFault<Moments> extends Rules {
  /** What chance decides, all of it beforehand, as plain data. */
  readonly draw: (random: Seeded) => Moments;
  readonly setting?: Setting | ((moments: Moments) => Setting);
  /**
   * Hurts it at these moments, and leaves it healed: from its end on people must be served again. Comes to its end when the run
   * is over.
   * @throws Error when it could not do what it says: then the trial has failed.
   */
  readonly inflict: (scene: Scene, moments: Moments) => Promise<void>;
  /** What is done when nobody is there any more. */
  readonly afterwards?: (scene: Scene) => Promise<void>;
}

/** A fault that strikes while the ten-second plan is carried out under load. */
export function duringARun<Moments>(fault: RunFault<Moments>): FaultAt<Moments> {
  const { name, about, unavailable } = fault;
  const at: FaultAt<Moments>['at'] = (moments) => ({
    moments,
    trial: async (ground) => {
      const setting = typeof fault.setting === 'function' ? fault.setting(moments) : fault.setting;
      const scene = await Scene.set(ground, setting ?? {});
      return await concluding(scene, async () => {
        const clients = await hurt(scene, fault, moments);
        if (!clients) return await stuckResult(scene);
        return await resultOf(scene, clients, fault, await undisturbedRun(ground));
      });
    },
  });
  const draw: Fault['draw'] = async (_, seed) => at(fault.draw(chanceOf(name, seed)));
  return { name, about, ...(unavailable ? { unavailable } : {}), draw, at };
}

interface Aftermath extends ClientLog {
  /** Somebody could write when it was over. */
  readonly isWrittenAgain: boolean;
}

/** What people saw of it; undefined when the run did not come to its end. */
async function hurt<Moments>(
  scene: Scene,
  fault: RunFault<Moments>,
  moments: Moments,
): Promise<Aftermath | undefined> {
  scene.startControllers();
  const healed = fault.inflict(scene, moments).then(async () => await scene.now());
  const ended = await within(longestMs, Promise.all([healed, scene.runEnds()]));
  if (!ended) return undefined;
  const isWrittenAgain = await scene.isWrittenAgain(ended[0]);
  const clients = await scene.peopleLeave();
  await fault.afterwards?.(scene);
  return { ...clients, isWrittenAgain };
}

async function resultOf(
  scene: Scene,
  clients: Aftermath,
  { requestsMayFail = false, isTakenBack = false }: Rules,
  undisturbed: Undisturbed,
): Promise<TrialResult> {
  const { trial, done } = scene;
  const remains = await readRemains(scene.databaseUrl);
  const kept = await scene.promisesKept();
  const problems = [
    ...(done.length === 0 ? ['nothing was done to it: the moment never came'] : []),
    ...problemsOfJournal(remains.entries),
    ...problemsOfPromises(kept, clients),
    ...problemsOfClients(clients, requestsMayFail),
    ...problemsOfRemains(remains, undisturbed),
  ];
  if (!clients.isWrittenAgain)
    problems.push(`nothing was written any more when it was over, within ${sendsAgainLimitMs} ms`);
  const isCompleted = statusOf(remains.entries) === 'completed';
  if (isTakenBack && isCompleted) problems.push('it was completed, and somebody has taken it back');
  if (!isTakenBack && !isCompleted && !requestsMayFail)
    problems.push('it was taken back, and nobody was to be harmed');
  const ended = isCompleted ? 'completed' : 'rolled back';
  return { trial, ended, done, problems, ...countsOf(kept, clients) };
}

async function stuckResult({ trial, done, databaseUrl }: Scene): Promise<TrialResult> {
  const { entries } = await readRemains(databaseUrl);
  const last = entries.slice(-3).map(({ seq, event }) => `${seq} ${JSON.stringify(event).slice(0, 200)}`);
  const problem = `stuck: ${statusOf(entries)} after ${longestMs} ms; its journal ends with ${last.join(' | ')}`;
  return { trial, ended: 'stuck', done, problems: [problem], ...nobody };
}

function problemsOfRemains(remains: Remains, undisturbed: Undisturbed): readonly string[] {
  const status = statusOf(remains.entries);
  if (status !== 'completed' && status !== 'rolled_back') return [`the run ended as ${status}`];
  const expected =
    status === 'completed' ? undisturbed : { ...undisturbed, schema: undisturbed.before.schema, filled: '' };
  return (['schema', 'frozenRows', 'filled', 'unfilled'] as const)
    .filter((part) => remains[part] !== expected[part])
    .map((part) => `${status}, and ${part} is ${remains[part]}, expected ${expected[part]}`);
}
