import { mkdirSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { createFaultProxy, type FaultProxy, type WriteDecision } from '@crossfade/local-postgres/testing';
import pg from 'pg';
import { ParleyProcess } from '../../demo/parley.ts';
import { People } from '../../demo/people.ts';
import { exitCodes } from '../../exit-codes.ts';
import { readClientLog, type ClientLog } from '../../report/client-log.ts';
import { workFolder } from '../../session.ts';
import { until } from '../until.ts';
import { compareWrites, readPromises, readStored, type Comparison } from './acknowledged-writes.ts';
import { peopleCount, type Ground } from './ground.ts';
import { endsOfRun, type Milestone, type WritePoint } from './milestones.ts';
import type { OwnServer } from './own-server.ts';
import { problemsOfEnds, type ExpectedEnds } from './process-ends.ts';
import { RecordedProcesses } from './recorded-processes.ts';
import { ownName, sessionsLeft } from './sessions-left.ts';
import { SupervisedController } from './supervised-controller.ts';
import type { ObservedWrite } from './writes-out-of-reach.ts';
import { isWrittenAgain } from './written-again.ts';

const plan = join(import.meta.dirname, '..', 'ten-second-plan');
const ratePerSecond = 12;
/** Every process serves and the network is well: people that nobody answers by then are not answered at all. */
export const sendsAgainLimitMs = 30_000;
/** How soon a process ends that was asked to is held by tests of its own; one that has not ended by then never will. */
const endLimitMs = 30_000;
export const leaseMs = 1_500;

export interface Setting {
  /** How many processes of Parley; one by default. */
  readonly parleys?: number;
  /** How many supervised controllers; one by default. */
  readonly controllers?: number;
  /** A Postgres server of the trial's own. */
  readonly startServer?: (ground: Ground, trial: string) => Promise<OwnServer>;
  /** Environment variables of a process, by its name: `parley-1`, `controller-1`. */
  readonly env?: (name: string) => Readonly<Record<string, string>>;
  /** That server may end by itself, and is started again. */
  readonly serverMayEnd?: boolean;
}

type Kind = 'controller' | 'parley' | 'people';

/** Of every trial: nothing that is done to it is a reason for a process to end. */
const expectedEnds: Readonly<Record<Kind, ExpectedEnds>> = {
  controller: {
    byItself: [exitCodes.ok, exitCodes.rolledBack],
    asked: [exitCodes.ok, exitCodes.rolledBack, exitCodes.interrupted],
  },
  parley: { byItself: [], asked: [0] },
  people: { byItself: [], asked: [0] },
};

export interface PromisesKept extends Comparison {
  /** How many messages somebody saw acknowledged. */
  readonly acknowledged: number;
}

/** What a controller is about to write. */
interface ControllersWrite {
  readonly controller: SupervisedController;
  readonly sql: string;
  /** The one that was meant did not come: this is the last one of the run. */
  readonly isLast: boolean;
}

interface Parts {
  readonly trial: string;
  readonly databaseUrl: string;
  readonly server: OwnServer | undefined;
  readonly toParley: FaultProxy;
  readonly toControllers: readonly FaultProxy[];
  readonly processes: RecordedProcesses;
  readonly serverMayEnd: boolean;
  readonly drop: () => Promise<void>;
}

/** One trial's Parley with people in it, and the controllers that are to migrate it: real processes on a database of their own. */
export class Scene {
  /** The logs of its processes begin with it. */
  readonly trial: string;
  readonly databaseUrl: string;
  readonly server: OwnServer | undefined;
  readonly processes: RecordedProcesses;
  /** Between Parley and its database. */
  readonly toParley: FaultProxy;
  /** Between each controller and the database. */
  readonly toControllers: readonly FaultProxy[];
  /** What was done to it so far. */
  readonly done: string[] = [];
  /** Past every proxy; survives what is done to the server. */
  readonly direct: pg.Pool;
  controllers: readonly SupervisedController[] = [];
  #isOver = false;
  #parleys: readonly ParleyProcess[] = [];
  #urls: readonly string[] = [];
  #people: People | undefined;
  readonly #folder: string;
  readonly #serverMayEnd: boolean;
  readonly #drop: () => Promise<void>;
  readonly #forget: () => void;

  private constructor(ground: Ground, parts: Parts) {
    this.#forget = ground.keep(this);
    this.databaseUrl = parts.databaseUrl;
    this.server = parts.server;
    this.toParley = parts.toParley;
    this.toControllers = parts.toControllers;
    this.processes = parts.processes;
    this.#drop = parts.drop;
    this.trial = parts.trial;
    this.#folder = join(workFolder, 'trials', parts.trial);
    mkdirSync(this.#folder, { recursive: true });
    this.#serverMayEnd = parts.serverMayEnd;
    this.direct = new pg.Pool({
      connectionString: parts.databaseUrl,
      application_name: ownName,
      max: 2,
      connectionTimeoutMillis: 5_000,
      query_timeout: 10_000,
    });
    this.direct.on('error', () => undefined); // It is replaced when it is needed.
  }

  /** Parley serves and people use it when this resolves; no controller runs yet. */
  static async set(ground: Ground, setting: Setting): Promise<Scene> {
    const trial = ground.nextTrial();
    const server = await setting.startServer?.(ground, trial);
    const database = server
      ? { url: ground.preparedUrl(server), drop: async () => await server.remove() }
      : await ground.createDatabase(trial, 'prepared');
    const scene = new Scene(ground, {
      trial,
      databaseUrl: database.url,
      server,
      toParley: await createFaultProxy(database.url),
      toControllers: await proxies(database.url, setting.controllers ?? 1),
      processes: new RecordedProcesses(trial, setting.env),
      serverMayEnd: setting.serverMayEnd ?? false,
      drop: async () => await database.drop(),
    });
    try {
      await scene.#letPeopleIn(setting.parleys ?? 1);
    } catch (error) {
      await scene.clear();
      throw error;
    }
    return scene;
  }

  async #letPeopleIn(parleys: number): Promise<void> {
    this.#parleys = Array.from({ length: parleys }, (_, index) => {
      const tell = (): void => undefined; // Its log has it.
      const name = `parley-${index + 1}`;
      return new ParleyProcess(this.processes, name, this.toParley.url, tell, this.#folder);
    });
    this.#urls = await Promise.all(this.#parleys.map(async (parley) => await parley.start()));
    const how = { people: peopleCount, ratePerSecond, seed: 5 };
    this.#people = new People(this.processes, { urls: this.#urls, logFile: this.#logFile, ...how });
    await this.#people.ready;
  }

  get #logFile(): string {
    return join(this.#folder, 'people.jsonl');
  }

  startControllers(): void {
    const how = ['--speed', '60000', '--lease-ms', String(leaseMs), '--json', '--no-report'];
    this.controllers = this.toControllers.map((proxy, index) => {
      const given = ['run', plan, ...how, '--database', proxy.url, '--app', ...this.#urls];
      return new SupervisedController(this.processes, `controller-${index + 1}`, given);
    });
    const over = (): void => void (this.#isOver = true);
    // Whoever waits for the run's end hears of what went wrong.
    this.runEnds().then(over, over);
  }

  /** The exit codes of the run's end, one a controller. */
  async runEnds(): Promise<readonly (number | null)[]> {
    return await Promise.all(this.controllers.map(async ({ ended }) => await ended));
  }

  /** No controller works any more: there is nothing left to hurt. */
  get isOver(): boolean {
    return this.#isOver;
  }

  /** Whether all the others have ended, so that none is left to take over from this one. */
  isOverFor(stopped: SupervisedController): boolean {
    return this.controllers.every((controller) => controller === stopped || controller.hasEnded);
  }

  /** Waits for it in the journal; false when the run ended without. A database that is away is waited for. */
  async journalReaches(milestone: Milestone): Promise<boolean> {
    while (!this.#isOver) {
      if (await this.#journalHas([milestone])) return true;
      await sleep(50);
    }
    return false;
  }

  /**
   * Holds that write of a controller before it reaches the server, and lets `act` decide about it; the last one of the run, when
   * that comes first. Writes of a controller that does not lead are not counted while there is one that does. Returns false when
   * the run ended without.
   */
  async atWrite(
    point: WritePoint,
    act: (write: ControllersWrite) => Promise<WriteDecision> | WriteDecision,
  ): Promise<boolean> {
    const { promise: acted, resolve, reject } = Promise.withResolvers<boolean>();
    const find = this.#findWrite(point);
    const decide = async (controller: SupervisedController, sql: string): Promise<WriteDecision> => {
      const found = await find(controller);
      if (found === 'another') return 'go on';
      const decision = await act({ controller, sql, isLast: found === 'the last' });
      if (typeof decision === 'object')
        return { whenAnswered: async () => await settling(decision.whenAnswered(), resolve, reject) };
      resolve(true);
      return decision;
    };
    const stops = this.controllers.map((controller, index) =>
      this.toControllers[index]?.eachWrite(
        async ({ sql }) => await settling(decide(controller, sql), undefined, reject),
      ),
    );
    try {
      return await Promise.race([acted, this.runEnds().then(() => false)]);
    } finally {
      for (const stop of stops) stop?.();
    }
  }

  /** Tells of each write at hand whether it is the one that is looked for. It is found once. */
  #findWrite({
    after,
    nth,
  }: WritePoint): (controller: SupervisedController) => Promise<'that one' | 'the last' | 'another'> {
    let counted = 0;
    let isFound = false;
    return async (controller) => {
      if (isFound || !(await this.#mayLead(controller))) return 'another';
      const isAfter = after === null || (await this.#journalHas([after]));
      const isLast = await this.#journalHas(endsOfRun);
      if (isAfter) counted += 1;
      const isThatOne = isAfter && counted === nth;
      // Another connection's write may have been found meanwhile.
      if (isFound || !(isThatOne || isLast)) return 'another';
      isFound = true;
      return isThatOne ? 'that one' : 'the last';
    };
  }

  /** Every write of the controllers from now on, as it comes. */
  observeWrites(): readonly ObservedWrite[] {
    const observed: ObservedWrite[] = [];
    for (const proxy of this.toControllers)
      proxy.eachWrite(async () => {
        const [last] = await this.#look<{ seq: number }>(
          'select max(seq)::int as seq from crossfade.journal',
        );
        observed.push({ seq: last?.seq ?? 0, atMs: performance.now() });
        return 'go on' as const;
      });
    return observed;
  }

  async #mayLead(controller: SupervisedController): Promise<boolean> {
    if (this.controllers.length === 1) return true;
    const leader = await this.leader();
    return leader === undefined || leader === controller;
  }

  async #journalHas(anyOf: readonly Milestone[]): Promise<boolean> {
    const rows = await this.#look(
      `select from crossfade.journal where body::jsonb -> 'event' @> any($1::jsonb[]) limit 1`,
      [anyOf.map((milestone) => JSON.stringify(milestone))],
    );
    return rows.length > 0;
  }

  /** Nothing while no controller has made its tables yet, or the server is being hurt. */
  async #look<Row extends pg.QueryResultRow>(
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<readonly Row[]> {
    try {
      return (await this.direct.query<Row>(sql, [...values])).rows;
    } catch (error) {
      if (error instanceof Error) return [];
      throw error;
    }
  }

  /** The controller that holds the lease now; undefined when nobody does, or the one who does has just died. */
  async leader(): Promise<SupervisedController | undefined> {
    const rows = await this.#look<{ holder: string | null }>('select holder from crossfade.lease');
    const pid = rows[0]?.holder?.split('/').at(-2);
    return this.controllers.find((controller) => String(controller.pid) === pid);
  }

  /** Whether there was one to kill: between its death and its new start there is none. */
  killParley(index: number): boolean {
    return this.processes.newest(`parley-${index + 1}`).process.kill('SIGKILL');
  }

  /** In database time. One that is on its way back is waited for. */
  async now(): Promise<string> {
    return await until('the database to tell its time', async () => {
      const rows = await this.#look<{ now: string }>('select clock_timestamp()::text as now');
      return rows[0]?.now;
    });
  }

  /** Whether, within `sendsAgainLimitMs`, a message is acknowledged that was stored after that moment. */
  async isWrittenAgain(since: string): Promise<boolean> {
    return await isWrittenAgain(this.direct, this.#logFile, { since, limitMs: sendsAgainLimitMs });
  }

  /** People leave; every acknowledged message has been read again when this returns. */
  async peopleLeave(): Promise<ClientLog> {
    for (const url of this.#urls)
      await until(`${url} to serve again`, async () => await isReady(url), 60_000);
    await this.#people?.finish();
    return await readClientLog(this.#logFile);
  }

  /** What the people who have left were promised, compared with what is stored. */
  async promisesKept(): Promise<PromisesKept> {
    const promises = await readPromises(this.#logFile);
    const comparison = compareWrites(promises, await readStored(this.direct));
    return { ...comparison, acknowledged: promises.messages.size };
  }

  /** Ends everything. Returns what has ended by itself before, what did not end when it was asked to, and what is left. */
  async clear(): Promise<readonly string[]> {
    for (const controller of this.controllers) controller.signal('SIGCONT');
    for (const proxy of [this.toParley, ...this.toControllers]) proxy.heal();
    // Those who have not left have nothing to say any more.
    if (this.#people) this.processes.newest('people').process.kill('SIGKILL');
    await Promise.all(this.controllers.map(async (controller) => await controller.stop(endLimitMs)));
    await Promise.all(this.#parleys.map(async (parley) => await parley.stop(endLimitMs)));
    await this.processes.endAll(endLimitMs);
    const left = [...this.processes.left(), ...(await sessionsLeft(this.direct))];
    for (const proxy of [this.toParley, ...this.toControllers]) await proxy.close();
    await this.direct.end();
    await this.#drop();
    this.#forget();
    return [...this.#problemsOfEnds(), ...(left.length > 0 ? [`left behind: ${left.join(', ')}`] : [])];
  }

  #problemsOfEnds(): readonly string[] {
    const deaths = this.#serverMayEnd ? [] : (this.server?.deathsByItself ?? []);
    return [
      ...problemsOfEnds(this.processes.ends, (name) => expectedEnds[kindOf(name)]),
      ...deaths.map((how) => `the server ended by itself (${how})`),
    ];
  }

  /** What its processes have written down, but for their logs. */
  removeFolder(): void {
    rmSync(this.#folder, { recursive: true });
  }

  /** Nobody will ask how it ended. */
  async abandon(): Promise<void> {
    this.processes.killAll();
    await this.server?.remove();
  }
}

/** Tells of the end of some work that somebody else waits for. */
async function settling<T>(
  work: Promise<T> | T,
  resolve: ((value: true) => void) | undefined,
  reject: (error: unknown) => void,
): Promise<T> {
  try {
    const result = await work;
    resolve?.(true);
    return result;
  } catch (error) {
    reject(error);
    throw error;
  }
}

function kindOf(name: string): Kind {
  const kind = name.split('-')[0];
  if (kind === 'controller' || kind === 'parley' || kind === 'people') return kind;
  throw new Error(`nobody knows how ${name} may end`);
}

async function proxies(databaseUrl: string, count: number): Promise<readonly FaultProxy[]> {
  return await Promise.all(Array.from({ length: count }, async () => await createFaultProxy(databaseUrl)));
}

async function isReady(url: string): Promise<true | undefined> {
  try {
    return (await fetch(`${url}/readyz`, { signal: AbortSignal.timeout(5_000) })).ok || undefined;
  } catch {
    return undefined; // On its way back.
  }
}
