import type { ControlStore, Notifier } from '@crossfade/engine';
import { createFaultProxy, createTestDatabase, type FaultProxy } from '@crossfade/local-postgres/testing';
import { createPostgresStore } from '@crossfade/store';
import { Client } from 'pg';
import { afterEach, describe, expect, test } from 'vitest';
import type { ControllerSnapshot } from './controller-options.ts';
import { createOpenMetricsScraper } from './metrics/scraper.ts';
import { createPostgresTarget } from './postgres-target.ts';
import { startController, startRun, type RunningController } from './testing/controller-fixture.ts';
import {
  startDifficultApplication,
  type DifficultApplication,
  type Manner,
} from './testing/difficult-application.ts';
import { eventually } from './testing/eventually.ts';
import { oneStepPlan } from './testing/one-step-plan.ts';
import { oldSchema } from './testing/small-migration.ts';

const stopLimitMs = 5_000;
/** Longer than a busy machine stands still. */
const longLeaseMs = 20_000;
const shortLeaseMs = 2_000;

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** All that a controller depends on, each of which can be frozen. */
interface World {
  readonly controlNetwork: FaultProxy;
  readonly targetNetwork: FaultProxy;
  readonly application: DifficultApplication;
  /** Of the control database, past every network. */
  readonly store: ControlStore;
  /** Of the target, past every network. */
  readonly client: Client;
  notifierAnswers: boolean;
  /** Starts a controller of the given name. */
  start(holder: string, leaseTtlMs?: number): Promise<Started>;
}

interface Started {
  readonly controller: RunningController;
  /** What it says that it waits for. */
  says(): string;
}

async function createWorld(kind: Parameters<typeof oneStepPlan>[0]): Promise<World> {
  const database = await createTestDatabase();
  closing.push(async () => await database.drop());
  const client = new Client({ connectionString: database.directUrl });
  await client.connect();
  closing.push(async () => await client.end());
  // Enough rows that a backfill is under way for a second, at the pace of the plan.
  await client.query(`${oldSchema} delete from people where name !~ '^Person ..?$'`);
  const [controlNetwork, targetNetwork] = await Promise.all([
    createFaultProxy(database.url),
    createFaultProxy(database.directUrl),
  ]);
  closing.push(async () => await controlNetwork.close());
  closing.push(async () => await targetNetwork.close());
  const application = await startDifficultApplication();
  closing.push(async () => await application.close());
  const store = await openStore(database.url);
  const bound = oneStepPlan(kind);
  await startRun(store, bound, { speed: 4 * 60 * 60 });

  const world: World = {
    controlNetwork,
    targetNetwork,
    application,
    store,
    client,
    notifierAnswers: true,
    async start(holder, leaseTtlMs = longLeaseMs) {
      const through = await openStore(controlNetwork.url);
      const metrics = createOpenMetricsScraper({
        endpoints: [application.url],
        intervalMs: 100,
        now: async () => await through.now(),
      });
      closing.push(async () => await metrics.stop());
      const notifier: Notifier = {
        send: async () => {
          if (!world.notifierAnswers) await new Promise(() => undefined);
        },
      };
      const target = createPostgresTarget({
        connectionString: targetNetwork.url,
        looks: { intervalMs: 100, limitMs: 500 },
      });
      let latest: ControllerSnapshot | undefined;
      const observe = (snapshot: ControllerSnapshot) => void (latest = snapshot);
      const options = { target, metrics, notifier, holder, leaseTtlMs, observe };
      const controller = startController(through, bound, options);
      closing.push(async () => {
        controller.stop();
        await controller.ended;
      });
      return { controller, says: () => latest?.waitsFor ?? '' };
    },
  };
  return world;
}

async function openStore(connectionString: string): Promise<ControlStore> {
  const store = await createPostgresStore({ connectionString });
  closing.push(async () => await store.close());
  return store;
}

/** Stops it as SIGTERM does; says how that ended, and what it took. */
async function stop({ controller }: Started): Promise<{ status: string; tookMs: number }> {
  const startedMs = performance.now();
  controller.stop();
  const { status } = await controller.ended;
  return { status, tookMs: performance.now() - startedMs };
}
const inTime = {
  status: 'stopped',
  tookMs: expect.toSatisfy((tookMs: number) => tookMs < stopLimitMs, `less than ${stopLimitMs} ms`) as number,
};

async function leaderOf({ client }: World): Promise<unknown> {
  return (await client.query<{ holder: string | null }>('select holder from crossfade.lease')).rows[0]
    ?.holder;
}

interface Frozen {
  readonly what: string;
  /** What the controller has done when it happens; else it is so from the start. */
  readonly when?: (world: World) => Promise<boolean>;
  readonly kind: Parameters<typeof oneStepPlan>[0];
  readonly freeze: (world: World) => Promise<void> | void;
  readonly says: RegExp;
  readonly thaw: (world: World) => Promise<void> | void;
}

const application = (manner: Manner, what: string): Frozen => ({
  what: `an application that ${what}`,
  kind: 'gate',
  freeze: (world) => void (world.application.manner = manner),
  says: /^it: .*well.*(no answer|larger than|not measured)/,
  thaw: (world) => void (world.application.manner = 'well'),
});

const dependencies: readonly Frozen[] = [
  {
    what: 'a lock in the target that is held for ever',
    kind: 'schema',
    freeze: async ({ client }) => void (await client.query('begin; lock table people')),
    says: /held on people by/,
    thaw: async ({ client }) => void (await client.query('rollback')),
  },
  {
    what: 'a target that is silent',
    kind: 'backfill',
    when: async ({ client }) =>
      (await client.query(`select from people where name = upper(name)`)).rowCount !== 0,
    freeze: ({ targetNetwork }) => targetNetwork.stall(),
    says: /tries again after: .*dead: the server gives no sign of life/,
    thaw: ({ targetNetwork }) => targetNetwork.heal(),
  },
  application('never', 'accepts a question and never answers'),
  application('drip', 'answers a byte a second'),
  application('flood', 'answers without end'),
  {
    what: 'a notifier that never answers',
    kind: 'message',
    freeze: (world) => void (world.notifierAnswers = false),
    says: /^it: .*tells the team|send/,
    thaw: (world) => void (world.notifierAnswers = true),
  },
];

describe.each(dependencies)('$what', { timeout: 90_000 }, ({ kind, when, freeze, says, thaw }) => {
  test('is said, costs neither the lease nor the end, and is gone on from', async () => {
    const world = await createWorld(kind);
    if (!when) await freeze(world);
    const first = await world.start('first');
    await eventually(async () => (await when?.(world)) ?? true).toBe(true);
    if (when) await freeze(world);
    await eventually(() => first.says(), 60_000).toMatch(says);
    expect(await leaderOf(world), 'it leads all the while').toBe('first');
    expect(await stop(first)).toEqual(inTime);
    expect(await leaderOf(world), 'the lease was handed back').toBe(null);

    const second = await world.start('second');
    await eventually(async () => await leaderOf(world)).toBe('second');
    await thaw(world);
    expect(await second.controller.ended).toMatchObject({ status: 'completed' });
  });
});

describe('a control database that is silent', { timeout: 60_000 }, () => {
  test('for a moment costs nothing', async () => {
    const world = await createWorld('backfill');
    const { controller } = await world.start('first');
    await eventually(async () => await leaderOf(world)).toBe('first');
    world.controlNetwork.stall();
    setTimeout(() => world.controlNetwork.heal(), 1_000);
    expect(await controller.ended).toMatchObject({ status: 'completed' });
  });

  test('for longer costs the lease, and is said; another one goes on', async () => {
    const world = await createWorld('backfill');
    const first = await world.start('first', shortLeaseMs);
    await eventually(async () => await leaderOf(world)).toBe('first');
    world.controlNetwork.stall();
    await eventually(() => first.says(), 30_000).toMatch(
      /the lease could not be renewed|the control store failed/,
    );
    expect((await first.controller.ended).status).toBe('lost_lease');
    world.controlNetwork.heal();
    const second = await world.start('second');
    expect(await second.controller.ended).toMatchObject({ status: 'completed' });
  });

  test('does not keep it from being stopped, while it leads or while it asks for the lease', async () => {
    const world = await createWorld('backfill');
    const leading = await world.start('first');
    await eventually(async () => await leaderOf(world)).toBe('first');
    const asking = await world.start('second');
    await eventually(() => asking.says()).toMatch(/waiting for first, which leads/);
    world.controlNetwork.stall();
    expect(await Promise.all([stop(leading), stop(asking)])).toEqual([inTime, inTime]);
  });
});

test('another controller that holds the lease for ever is named, and waited for no longer than wanted', async () => {
  const world = await createWorld('message');
  await world.store.takeLease({ holder: 'somebody else', ttlMs: 3_600_000 });
  const waiting = await world.start('first');
  await eventually(() => waiting.says()).toMatch(
    /^waiting for somebody else, which leads \(its lease ends in 3\d{3} s/,
  );
  expect(await stop(waiting)).toEqual(inTime);
  expect(await leaderOf(world)).toBe('somebody else');
});
