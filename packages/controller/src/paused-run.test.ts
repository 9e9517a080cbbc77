import type { BoundPlan, ControlStore } from '@crossfade/engine';
import { createMemoryStore } from '@crossfade/store';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import type { ControllerSnapshot } from './controller-options.ts';
import {
  command,
  eventTypes,
  publishedFlags,
  startController,
  startRun,
} from './testing/controller-fixture.ts';
import { eventually } from './testing/eventually.ts';
import { createWorld, workPlan, type World } from './testing/work-plan.ts';

let store: ControlStore;
let world: World;
let snapshots: ControllerSnapshot[];
const stops: (() => void)[] = [];
beforeEach(() => {
  store = createMemoryStore();
  world = createWorld();
  snapshots = [];
});
afterEach(() => {
  for (const stop of stops.splice(0)) stop();
});

function start(bound: BoundPlan, holder = 'first') {
  const observe = (snapshot: ControllerSnapshot) => snapshots.push(snapshot);
  const controller = startController(store, bound, { holder, observe });
  stops.push(() => controller.stop());
  return controller;
}

/** The plan, with the work of one step of a kind that stops when the run is paused. */
function planThatStops(id: string): BoundPlan {
  const bound = workPlan(world);
  const steps = [...bound.steps].map(([step, owner]) => {
    const type = step === id ? { ...owner.type, stopsWhenPaused: true } : owner.type;
    return [step, { ...owner, type }] as const;
  });
  return { ...bound, steps: new Map(steps) };
}

const pause = { type: 'run.paused', reason: 'looks odd' } as const;
const resume = { type: 'run.resumed', reason: 'it was nothing' } as const;
const fill = 'run-1/fill/forward/1';

/** A run whose controller has ended while it filled. */
async function runLeftAtFill(): Promise<BoundPlan> {
  const bound = workPlan(world);
  await startRun(store, bound);
  world.endless.add('fill');
  const first = start(bound);
  await eventually(() => world.calls).toContain(fill);
  first.stop();
  await first.ended;
  world.endless.clear();
  return bound;
}

describe('a controller whose run is paused', () => {
  test('stops work that can stop, and performs the same effect again when it goes on', async () => {
    const bound = planThatStops('fill');
    await startRun(store, bound);
    world.endless.add('fill');
    const controller = start(bound);
    await eventually(() => world.calls).toContain(fill);
    await command(store, bound, pause);
    await eventually(() => world.letGo).toEqual([fill]);
    await eventually(() => snapshots.at(-1)?.waitsFor).toBe('paused: looks odd');
    expect((await eventTypes(store)).filter((type) => type === 'effect.abandoned')).toEqual([]);

    world.endless.clear();
    expect(
      world.calls.filter((key) => key === fill),
      'it is not taken up in the pause',
    ).toHaveLength(1);
    await command(store, bound, resume);
    expect((await controller.ended).status).toBe('completed');
    expect(world.calls.filter((key) => key === fill)).toHaveLength(2);
  });

  test('lets other work finish, journals how it went, and begins nothing after it', async () => {
    const bound = workPlan(world);
    await startRun(store, bound);
    const finishing = Promise.withResolvers<void>();
    const slow = new Map(
      [...bound.steps].map(([id, owner]) => {
        const perform: typeof owner.type.perform = async (effect, context) => {
          if (id === 'fill') await finishing.promise;
          return await owner.type.perform(effect, context);
        };
        return [id, { ...owner, type: { ...owner.type, perform } }] as const;
      }),
    );
    const controller = start({ ...bound, steps: slow });
    await eventually(() => snapshots.at(-1)?.effects.map(({ step }) => step)).toEqual(['fill']);
    await command(store, bound, pause);
    finishing.resolve();
    const finished = async () =>
      (await eventTypes(store)).filter((type) => type === 'effect.finished').length;
    await eventually(finished).toBe(2);
    await eventually(() => snapshots.at(-1)?.waitsFor).toBe('paused: looks odd');
    expect(world.calls).toEqual(['run-1/prepare/forward/1', fill]);
    await command(store, bound, resume);
    expect((await controller.ended).status).toBe('completed');
  });

  test('begins nothing that a dead one has left pending', async () => {
    const bound = await runLeftAtFill();
    await command(store, bound, pause);
    const second = start(bound, 'second');
    await eventually(() => snapshots.at(-1)?.waitsFor).toBe('paused: looks odd');
    expect(world.calls.filter((key) => key === fill)).toHaveLength(1);
    await command(store, bound, resume);
    expect((await second.ended).status).toBe('completed');
  });

  test.each([
    ['paused', pause, 'run.paused'],
    ['taken back', { type: 'rollback.requested', reason: 'enough' }, 'rollback.started'],
  ] as const)(
    'begins nothing when it is %s while the first gates are measured',
    async (_how, said, heard) => {
      const bound = await runLeftAtFill();

      const measuring = Promise.withResolvers<null>();
      const asked = vi.fn<() => Promise<null>>(async () => await measuring.promise);
      const gates = new Map(
        [...bound.gates].map(([id, gate]) => [id, { ...gate, type: { ...gate.type, measure: asked } }]),
      );
      start({ ...bound, gates }, 'second');
      await eventually(() => asked.mock.calls.length).toBe(1);
      await command(store, bound, said);
      measuring.resolve(null);
      await eventually(async () => await eventTypes(store)).toContain(heard);
      await eventually(() => snapshots.at(-1)?.journal.headSeq).toBe(
        (await store.readJournal(0)).at(-1)?.seq,
      );
      expect(world.calls.filter((key) => key === fill)).toHaveLength(1);
    },
  );

  test.each([
    ['a guardrail', async () => void (world.verdict = 'fail')],
    [
      'an operator',
      async () =>
        void (await command(store, workPlan(world), { type: 'rollback.requested', reason: 'enough' })),
    ],
  ])('takes it back when %s says so', async (_who, act) => {
    const bound = planThatStops('finish');
    await startRun(store, bound);
    world.endless.add('finish');
    const controller = start(bound);
    await eventually(() => world.calls).toContain('run-1/finish/forward/1');
    await command(store, bound, pause);
    await eventually(() => snapshots.at(-1)?.waitsFor).toBe('paused: looks odd');
    expect(await publishedFlags(store), 'flags stay as they are').toMatchObject({ share: 50 });
    await act();
    expect((await controller.ended).status).toBe('rolled_back');
    expect(await publishedFlags(store)).toMatchObject({ search: false, share: 0 });
  });
});
