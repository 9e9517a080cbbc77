import { verifyChain, type ControlStore } from '@crossfade/engine';
import { createMemoryStore } from '@crossfade/store';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { eventually } from './testing/eventually.ts';
import type { ControllerSnapshot } from './controller-options.ts';
import { appendOperatorCommand } from './operator-command.ts';
import {
  answersOf,
  command,
  eventsOf,
  eventTypes,
  publishedFlags,
  startController,
  startRun,
} from './testing/controller-fixture.ts';
import { losableStore, type CrashPoint } from './testing/failing-store.ts';
import { createWorld, terminal, workPlan, type World } from './testing/work-plan.ts';

let store: ControlStore;
let world: World;
const stops: (() => void)[] = [];

beforeEach(() => {
  store = createMemoryStore();
  world = createWorld();
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

function start(...given: Parameters<typeof startController>) {
  const controller = startController(...given);
  stops.push(() => controller.stop());
  return controller;
}

const everyEffect = [
  'run-1/prepare/forward/1',
  'run-1/fill/forward/1',
  'run-1/show/forward/1',
  'run-1/finish/forward/1',
];

describe('an undisturbed run', () => {
  test('performs every effect once, publishes the flags it leads to, and leaves a sound journal', async () => {
    const bound = workPlan(world);
    await startRun(store, bound);
    const snapshots: ControllerSnapshot[] = [];
    const controller = start(store, bound, { observe: (snapshot) => snapshots.push(snapshot) });

    expect(await controller.ended).toEqual({ status: 'completed', runId: 'run-1' });
    expect(world.calls).toEqual(everyEffect);
    expect(verifyChain(await store.readJournal(0))).toMatchObject({ ok: true });
    expect(await publishedFlags(store)).toMatchObject({ calls: false, share: 50 });
    expect((await eventTypes(store)).filter((type) => type === 'controller.started')).toHaveLength(1);
    expect(snapshots.at(-1)?.journal.run?.status).toBe('completed');
  });

  test('journals the flags in the same append as the exposure that they come from', async () => {
    const bound = workPlan(world);
    await startRun(store, bound);
    await start(store, bound).ended;
    const entries = await store.readJournal(0);
    const exposed = entries.find(({ event }) => event.type === 'exposure.changed');
    const published = entries.filter(({ event }) => event.type === 'flags.published');
    expect(published).toHaveLength(2); // All off at the start, then search on.
    expect(published[1]?.atMs).toBe(exposed?.atMs);
    expect(await store.readFlagDocument()).toMatchObject({ revision: 2 });
  });

  test('gives the lease back: the next controller finds the run completed at once', async () => {
    const bound = workPlan(world);
    await startRun(store, bound);
    await start(store, bound).ended;
    const { length } = await store.readJournal(0);
    expect(await start(store, bound, { holder: 'next' }).ended).toEqual({
      status: 'completed',
      runId: 'run-1',
    });
    expect(await store.readJournal(0)).toHaveLength(length);
  });
});

describe('a second plan', () => {
  const parts = { flag: 'calls', parameter: 'depth' };

  async function completeFirst(): Promise<void> {
    const bound = workPlan(world);
    await startRun(store, bound);
    expect((await start(store, bound).ended).status).toBe('completed');
  }

  test('leaves on what the first has switched on, at every moment and when it is taken back', async () => {
    await completeFirst();
    const on = (await publishedFlags(store)).search;
    expect(on).not.toBe(false);

    const second = workPlan(world, 'second', parts);
    const append = vi.spyOn(store, 'append');
    await startRun(store, second, { runId: 'run-2' });
    world.endless.add('finish');
    const controller = start(store, second);
    await eventually(() => world.calls).toContain('run-2/finish/forward/1');
    expect(await publishedFlags(store)).toMatchObject({ search: on, share: 50, depth: 50 });
    expect((await publishedFlags(store)).calls).not.toBe(false);

    await command(store, second, { type: 'rollback.requested', reason: 'enough' });
    expect(await publishedFlags(store)).toMatchObject({ search: on, share: 50, calls: false, depth: 0 });
    expect((await controller.ended).status).toBe('rolled_back');
    expect(await publishedFlags(store)).toMatchObject({ search: on, share: 50, calls: false, depth: 0 });
    const documents = append.mock.calls.flatMap(([{ flagDocument }]) => flagDocument?.document ?? []);
    expect(documents).toHaveLength(3); // The second plan’s flags are known, then on, then off again.
    for (const document of documents) expect(answersOf(document).search).toEqual(on);
  });

  test('cannot lose the kill switch of a flag that it does not know', async () => {
    await completeFirst();
    const second = workPlan(world, 'second', parts);
    await startRun(store, second, { runId: 'run-2' });
    await command(store, second, { type: 'flag.killed', flag: 'search', reason: 'looks wrong' });
    expect(await publishedFlags(store)).toMatchObject({ search: false, share: 50 });
  });

  test('that uses a name for something else is still carried out', async () => {
    await completeFirst();
    const second = workPlan(world, 'second', { flag: 'share', parameter: 'search' });
    await startRun(store, second, { runId: 'run-2' });
    expect((await start(store, second).ended).status).toBe('completed');
    expect(await publishedFlags(store)).toMatchObject({ search: 50 });
  });

  test('started as soon as the first was completed does not make the first one’s controller fail', async () => {
    const bound = workPlan(world);
    await startRun(store, bound);
    const startingSecond: ControlStore = {
      ...store,
      append: async (request) => {
        const answer = await store.append(request);
        const completes = request.entries.some(({ event }) => event.type === 'run.completed');
        if (completes) await startRun(store, workPlan(world, 'second', parts), { runId: 'run-2' });
        return answer;
      },
    };
    expect(await start(startingSecond, bound).ended).toEqual({ status: 'completed', runId: 'run-1' });
  });
});

describe('what cannot be carried out is refused before anything is written', () => {
  test('no run', async () => {
    await expect(start(store, workPlan(world)).ended).rejects.toThrow('the journal has no run to carry out');
  });

  test('an edited plan', async () => {
    await startRun(store, workPlan(world));
    await expect(start(store, workPlan(world, 'edited')).ended).rejects.toThrow(
      'run run-1 was started with plan work of digest digest of wo…, the plan given now has digest of ed…',
    );
    expect(world.calls).toEqual([]);
  });
});

describe('a controller killed at every append', () => {
  const points: CrashPoint[] = Array.from({ length: 6 }, (_, index) => [
    { append: index + 1, when: 'before' as const },
    { append: index + 1, when: 'after' as const },
  ]).flat();

  test.each(points)(
    '$when append $append: the next one completes the run, each effect done once',
    async (crash) => {
      const bound = workPlan(world);
      await startRun(store, bound);
      const doomed = losableStore(store, crash);
      const first = await start(doomed.store, bound, { leaseTtlMs: 90, holder: 'first' }).ended;
      expect(first.status).toBe('lost_lease');
      const second = await start(store, bound, { holder: 'second' }).ended;
      expect(second).toEqual({ status: 'completed', runId: 'run-1' });

      expect([...world.done]).toEqual(everyEffect);
      const finished = (await eventsOf(store)).filter(({ type }) => type === 'effect.finished');
      expect(finished.map((event) => event.type === 'effect.finished' && event.key)).toEqual(everyEffect);
      expect((await eventTypes(store)).filter((type) => type === 'step.completed')).toHaveLength(4);
      expect(verifyChain(await store.readJournal(0))).toMatchObject({ ok: true });
      expect(await publishedFlags(store)).toMatchObject({ calls: false, share: 50 });
    },
  );

  test('those are all the appends that there are', async () => {
    const bound = workPlan(world);
    await startRun(store, bound);
    const append = vi.spyOn(store, 'append');
    await start(store, bound).ended;
    expect(append).toHaveBeenCalledTimes(points.length / 2);
  });
});

describe('two controllers', () => {
  test('the second waits, says for whom, and takes over when the first stops renewing', async () => {
    const bound = workPlan(world);
    await startRun(store, bound);
    world.endless.add('fill');
    const leader = losableStore(store);
    const seen: string[] = [];
    const observe = ({ waitsFor }: ControllerSnapshot) => seen.push(waitsFor);
    const first = start(leader.store, bound, { holder: 'first', leaseTtlMs: 1_000, observe });
    await eventually(() => seen).toContain('fill: fill at work');

    const second = start(store, bound, { holder: 'second', observe });
    await eventually(() => seen).toContainEqual(expect.stringContaining('waiting for first, which leads'));
    expect(world.calls).toEqual(['run-1/prepare/forward/1', 'run-1/fill/forward/1']);

    world.endless.clear();
    leader.lose();
    expect((await first.ended).status).toBe('lost_lease');
    expect(world.letGo).toEqual(['run-1/fill/forward/1']);
    expect((await second.ended).status).toBe('completed');
    expect([...world.done]).toEqual(everyEffect);
  });

  test('a leader whose lease was taken over writes nothing more and steps down', async () => {
    const bound = workPlan(world);
    await startRun(store, bound);
    world.endless.add('fill');
    const first = start(store, bound, { holder: 'first', leaseTtlMs: 1_000 });
    await eventually(() => world.calls).toContain('run-1/fill/forward/1');
    // As after a long pause of the whole process: the database has given the lease to somebody else.
    await store.takeLease({ holder: 'first', ttlMs: 60_000 });
    const { length } = await store.readJournal(0);
    expect((await first.ended).status).toBe('lost_lease');
    expect(await store.readJournal(length)).toEqual([]);
    expect(world.letGo).toEqual(['run-1/fill/forward/1']);
  });

  test('a leader whose store hangs lets go when its lease is over', async () => {
    const bound = workPlan(world);
    await startRun(store, bound);
    world.endless.add('fill');
    const leader = losableStore(store);
    const problems: (string | null)[] = [];
    const observe = ({ problem }: ControllerSnapshot) => problems.push(problem);
    const first = start(leader.store, bound, { holder: 'first', leaseTtlMs: 1_000, observe });
    await eventually(() => world.calls).toContain('run-1/fill/forward/1');
    leader.hang();
    expect((await first.ended).status).toBe('lost_lease');
    expect(problems).toContainEqual(
      expect.stringMatching(/lease could not be renewed: no answer within \d+ ms/),
    );
    expect(world.letGo).toEqual(['run-1/fill/forward/1']);
  });

  test('one that is stopped gives the lease back and leaves the run to the next', async () => {
    const bound = workPlan(world);
    await startRun(store, bound);
    world.endless.add('fill');
    const first = start(store, bound, { holder: 'first', leaseTtlMs: 60_000 });
    await eventually(() => world.calls).toContain('run-1/fill/forward/1');
    first.stop();
    expect(await first.ended).toEqual({ status: 'stopped', runId: 'run-1' });
    world.endless.clear();
    expect((await start(store, bound, { holder: 'second' }).ended).status).toBe('completed');
  });

  test('one whose work does not let go when it is stopped keeps others out until its lease has run out', async () => {
    const bound = workPlan(world);
    await startRun(store, bound);
    world.endless.add('fill');
    world.lettingGo = new Promise(() => undefined);
    const problems: (string | null)[] = [];
    const observe = ({ problem }: ControllerSnapshot) => problems.push(problem);
    const first = start(store, bound, { holder: 'first', leaseTtlMs: 60_000, observe });
    await eventually(() => world.calls).toContain('run-1/fill/forward/1');
    first.stop();
    expect(await first.ended).toEqual({ status: 'stopped', runId: 'run-1' });
    expect(problems.at(-1)).toContain('the work of fill was told to end, and has not yet');
    expect(await store.takeLease({ holder: 'second', ttlMs: 1_000 })).toMatchObject({
      status: 'held',
      holder: 'first',
    });
  });

  test('one that waits for the lease can be stopped', async () => {
    await store.takeLease({ holder: 'somebody', ttlMs: 60_000 });
    const waiting = start(store, workPlan(world));
    waiting.stop();
    expect(await waiting.ended).toEqual({ status: 'stopped', runId: null });
  });
});

describe('an operator', () => {
  test('whose command comes between a decision and its append: the decision is made again', async () => {
    const bound = workPlan(world);
    await startRun(store, bound);
    const append = store.append.bind(store);
    let interfered = false;
    const interfering: ControlStore = {
      ...store,
      append: async (request) => {
        const shows = request.entries.some(({ event }) => event.type === 'exposure.changed');
        if (shows && !interfered) {
          interfered = true;
          await command(store, bound, { type: 'flag.killed', flag: 'search', reason: 'looks wrong' });
        }
        return await append(request);
      },
    };
    expect((await start(interfering, bound).ended).status).toBe('completed');
    expect(interfered).toBe(true);
    expect(await publishedFlags(store)).toMatchObject({ search: false, share: 50 });
    expect((await eventTypes(store)).filter((type) => type === 'exposure.changed')).toHaveLength(1);
  });

  test('who asks for the roll-back has the flags off in that very append; then all work is undone, last first', async () => {
    const bound = workPlan(world);
    await startRun(store, bound);
    world.endless.add('finish');
    const controller = start(store, bound);
    await eventually(() => world.calls).toContain('run-1/finish/forward/1');
    expect(await publishedFlags(store)).not.toMatchObject({ search: false });

    const letGo = Promise.withResolvers<void>();
    world.lettingGo = letGo.promise;
    const entries = await command(store, bound, { type: 'rollback.requested', reason: 'enough' });
    expect(entries.map(({ event }) => event.type)).toEqual(['rollback.requested', 'flags.published']);
    expect(await publishedFlags(store)).toMatchObject({ search: false, calls: false, share: 0 });

    // The drain is over, but forward work has not let go: nothing is undone under its feet.
    await eventually(async () => await eventTypes(store)).toContain('step.undo_started');
    expect(world.calls.filter((key) => key.includes('/undo/'))).toEqual([]);
    letGo.resolve();
    expect(await controller.ended).toEqual({ status: 'rolled_back', runId: 'run-1' });
    expect(world.calls.filter((key) => key.includes('/undo/')).map((key) => key.split('/')[1])).toEqual([
      'finish',
      'show',
      'fill',
      'prepare',
    ]);
    expect(world.letGo).toEqual(['run-1/finish/forward/1']);
  });

  test('can switch flags off before anything ever ran', async () => {
    const bound = workPlan(world);
    await command(store, bound, { type: 'flag.killed', flag: 'search', reason: 'to be sure' });
    expect(await publishedFlags(store)).toEqual({ search: false, calls: false, share: 0 });
    expect(await eventTypes(store)).toEqual(['flag.killed', 'flags.published']);
  });

  test('who has nothing to say writes nothing', async () => {
    expect(await appendOperatorCommand({ store, plan: workPlan(world).plan }, () => [])).toEqual([]);
    expect(await store.readJournal(0)).toEqual([]);
  });

  test('gives up when the journal never stands still', async () => {
    const { plan } = workPlan(world);
    const busy: ControlStore = { ...store, append: async () => ({ status: 'conflict', headSeq: 1 }) };
    await expect(
      appendOperatorCommand({ store: busy, plan }, () => [
        { runId: 'none', actor: 'operator', event: { type: 'flag.killed', flag: 'search', reason: '' } },
      ]),
    ).rejects.toThrow('the journal moved on 20 times');
  });
});

test('a roll-back that failed goes on when an operator asks again', async () => {
  const bound = workPlan(world);
  await startRun(store, bound);
  await start(store, bound).ended;
  await command(store, bound, { type: 'rollback.requested', reason: 'second thoughts' });
  world.errors.set('fill', [terminal('table is gone')]);
  expect((await start(store, bound).ended).status).toBe('rollback_failed');
  expect(world.calls.filter((key) => key.includes('/undo/')).map((key) => key.split('/')[1])).toEqual([
    'finish',
    'show',
    'fill',
  ]);

  await command(store, bound, { type: 'rollback.requested', reason: 'the table is back' });
  expect((await start(store, bound).ended).status).toBe('rolled_back');
});

describe('effects', () => {
  test('that fail for a while are tried again, and the attempts are counted', async () => {
    const bound = workPlan(world);
    await startRun(store, bound);
    world.errors.set('prepare', [new Error('busy'), new Error('busy again')]);
    expect((await start(store, bound).ended).status).toBe('completed');
    expect(world.calls.slice(0, 4)).toEqual([
      ...Array<string>(3).fill('run-1/prepare/forward/1'),
      everyEffect[1],
    ]);
    expect(await eventsOf(store)).toContainEqual(
      expect.objectContaining({ key: everyEffect[0], outcome: expect.objectContaining({ attempts: 3 }) }),
    );
  });

  test.each([
    ['a terminal error', [terminal('column missing')], 'column missing'],
    ['too many errors', [1, 2, 3].map((n) => new Error(`busy ${n}`)), 'busy 3 (given up after 3 attempts)'],
  ])('%s fails the step, and the run is taken back', async (_name, errors, reason) => {
    const bound = workPlan(world);
    await startRun(store, bound);
    world.errors.set('fill', [...errors]);
    expect((await start(store, bound).ended).status).toBe('rolled_back');
    expect(await eventsOf(store)).toContainEqual({ type: 'step.failed', step: 'fill', reason });
    expect(world.calls.at(-1)).toBe('run-1/prepare/undo/2');
  });
});

test('a guardrail that fails takes the run back, whatever is at work', async () => {
  const bound = workPlan(world);
  await startRun(store, bound);
  world.endless.add('finish');
  const controller = start(store, bound);
  await eventually(() => world.calls).toContain('run-1/finish/forward/1');
  world.verdict = 'fail';
  await eventually(async () => await publishedFlags(store)).toMatchObject({ search: false, share: 0 });
  expect((await controller.ended).status).toBe('rolled_back');
  expect(await eventsOf(store)).toContainEqual(
    expect.objectContaining({
      type: 'rollback.started',
      reason: 'guardrail errors failed: the world says fail',
    }),
  );
});

test.each([
  ['its first word', 1],
  ['what it has decided', 2],
])('a leader whose lease is lost when it commits %s writes nothing and steps down', async (_what, append) => {
  const bound = workPlan(world);
  await startRun(store, bound);
  let appends = 0;
  const contested: ControlStore = {
    ...store,
    append: async (request) => {
      appends += 1;
      if (appends === append) await store.takeLease({ holder: 'controller-1', ttlMs: 60_000 });
      return await store.append(request);
    },
  };
  expect(await start(contested, bound, { leaseTtlMs: 60_000 }).ended).toEqual({
    status: 'lost_lease',
    runId: 'run-1',
  });
  expect(appends).toBe(append);
  expect(world.calls).toEqual([]);
  // The run's start with its flags, and what was committed before.
  expect(await store.readJournal(0)).toHaveLength(1 + append);
});

test('a store that cannot be asked for the lease is shown, and asked again', async () => {
  const bound = workPlan(world);
  await startRun(store, bound);
  let asked = 0;
  const shaky: ControlStore = {
    ...store,
    takeLease: async (request) => {
      asked += 1;
      if (asked === 1) throw new Error('connection refused');
      return await store.takeLease(request);
    },
  };
  const seen: Pick<ControllerSnapshot, 'leadership' | 'problem'>[] = [];
  const controller = start(shaky, bound, {
    observe: ({ leadership, problem }) => seen.push({ leadership, problem }),
  });
  expect((await controller.ended).status).toBe('completed');
  expect(seen[0]).toEqual({
    leadership: { status: 'asking' },
    problem: 'the lease could not be asked for: connection refused',
  });
});

test('a store that fails for a moment costs a moment', async () => {
  const bound = workPlan(world);
  await startRun(store, bound);
  let failures = 3;
  const shaky: ControlStore = {
    ...store,
    now: async () => {
      if (failures > 0) {
        failures -= 1;
        throw new Error('connection reset');
      }
      return await store.now();
    },
  };
  const problems: (string | null)[] = [];
  const controller = start(shaky, bound, { observe: ({ problem }) => problems.push(problem) });
  expect((await controller.ended).status).toBe('completed');
  expect(problems).toContain('the control store failed: connection reset');
});
