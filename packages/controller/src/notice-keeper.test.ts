import type { BoundPlan, Notice } from '@crossfade/engine';
import { createMemoryStore } from '@crossfade/store';
import { expect, test } from 'vitest';
import { startController, startRun } from './testing/controller-fixture.ts';
import { eventually } from './testing/eventually.ts';
import { runWithEffect } from './testing/run-with-effect.ts';
import { createWorld, workPlan, type World } from './testing/work-plan.ts';
import { createNoticeKeeper } from './notice-keeper.ts';
import { systemClock } from './system-ports.ts';

/** The step "fill" has something to tell people. */
function planThatTells(world: World): BoundPlan {
  const bound = workPlan(world);
  const notice = { title: 'Filling', text: 'Go on as usual.' };
  const steps = new Map(
    [...bound.steps].map(([id, known]) => [
      id,
      id === 'fill' ? { ...known, step: { ...known.step, notice } } : known,
    ]),
  );
  return { ...bound, steps };
}

/** A store that notes what people are told, each time that this changes. */
function storeThatNotes() {
  const told: (readonly Notice[])[] = [];
  const store = createMemoryStore();
  const showNotices: typeof store.showNotices = async (notices, token) => {
    await store.showNotices(notices, token);
    told.push(notices);
  };
  return { store: { ...store, showNotices }, told };
}

/** Nobody has taken the lease. */
const ours = new AbortController().signal;
const filling = { step: 'fill', title: 'Filling', text: 'Go on as usual.', progress: 0 };

test('people are told while a step is at work, and no longer than that', async () => {
  const world = createWorld();
  world.endless.add('fill');
  const bound = planThatTells(world);
  const { store, told } = storeThatNotes();
  await startRun(store, bound);
  const controller = startController(store, bound);
  await eventually(async () => told.at(-1)).toEqual([filling]);
  controller.stop();
  await controller.ended;
  expect(told.at(-1)).toEqual([]);
});

const atWork = {
  step: 'fill',
  key: 'run-1/fill/1',
  kind: 'do',
  progress: { done: 3, total: 4, unit: 'rows', note: '' },
  failedAttempts: 0,
  lastError: null,
  aborting: false,
};

test.each([
  ['forward', [[{ ...filling, progress: 0.75 }]]],
  ['undo', [[]]],
] as const)('of work that goes %s, people are told %j', async (direction, expected) => {
  const told: (readonly Notice[])[] = [];
  const store = { showNotices: async (notices: readonly Notice[]) => void told.push(notices) };
  const bound = planThatTells(createWorld());
  const keeper = createNoticeKeeper({
    bound,
    token: 1,
    store,
    clock: systemClock,
    lost: ours,
    onProblem: () => {},
  });
  keeper.sync(runWithEffect('fill', atWork.key, direction), [atWork]);
  expect(told).toEqual(expected);
  await keeper.stop();
  expect(told.at(-1)).toEqual([]);
});

test('a store that refuses is told of, and the migration goes on', async () => {
  const problems: string[] = [];
  const store = { showNotices: async () => await Promise.reject(new Error('no room')) };
  const bound = planThatTells(createWorld());
  const onProblem = (problem: string): void => void problems.push(problem);
  const keeper = createNoticeKeeper({ bound, token: 1, store, clock: systemClock, lost: ours, onProblem });
  for (let tick = 0; tick < 3; tick += 1) {
    keeper.sync(runWithEffect('fill', atWork.key), [atWork]);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  expect(problems).toHaveLength(1);
  await keeper.stop();
  expect(problems[0]).toBe('what people are told could not be changed: no room');
});
