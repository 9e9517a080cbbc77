import { setTimeout as sleep } from 'node:timers/promises';
import type { ControlStore, RunEvent } from '@crossfade/engine';
import { createMemoryStore } from '@crossfade/store';
import { appendOperatorCommand } from '@crossfade/controller';
import { expect, it } from 'vitest';
import { checkPlan } from '../catalogs.ts';
import { runStarted } from '../start-run.ts';
import { switchFlags } from '../flags/switch-flags.ts';
import { smallPlanYaml } from '../testing/small-plan.ts';
import { drillKillSwitch } from './kill-switch-drill.ts';

const files = {
  'plan.yaml': smallPlanYaml,
  'sql/001.sql': 'CREATE TABLE t (id integer);\n-- crossfade:undo\nDROP TABLE IF EXISTS t;\n',
};
const { bound } = checkPlan(files);
if (!bound) throw new Error('the small plan is not valid any more');
const plan = bound;

async function startRun(store: ControlStore, runId: string): Promise<void> {
  await store.savePlan(plan.digest, files);
  await append(store, runId, runStarted(plan, 1_000, Date.parse('2026-11-25T10:00:00Z')));
}
async function append(store: ControlStore, runId: string, event: RunEvent): Promise<void> {
  await appendOperatorCommand({ store, plan: plan.plan }, () => [{ runId, actor: 'test', event }]);
}
const open = (percentage: number): RunEvent => ({
  type: 'exposure.changed',
  flag: 'new_thing',
  audiences: [{ segment: null, percentage }],
  reason: '',
});
const switches = async (store: ControlStore) =>
  (await store.readJournal(0)).flatMap(({ event, actor }) =>
    event.type === 'flag.killed' || event.type === 'flag.enabled' ? [`${event.type} by ${actor}`] : [],
  );
const drilled = ['flag.killed by demonstration', 'flag.enabled by demonstration'];

it('waits until a flag is open to half of the people, switches it off for a moment, and does so once', async () => {
  const store = createMemoryStore();
  await startRun(store, 'one');
  const drill = drillKillSwitch(store, new AbortController().signal);
  await append(store, 'one', open(20));
  expect(await switches(store)).toEqual([]);
  await append(store, 'one', open(50));
  await drill;
  expect(await switches(store)).toEqual(drilled);
  await drillKillSwitch(store, new AbortController().signal);
  expect(await switches(store)).toEqual(drilled);
});

it('releases what an earlier demonstration left switched off, also of an earlier run', async () => {
  const store = createMemoryStore();
  await startRun(store, 'one');
  await append(store, 'one', open(50));
  const reason = 'a drill: is it off everywhere at once?';
  await append(store, 'one', { type: 'flag.killed', flag: 'new_thing', reason });
  await append(store, 'one', { type: 'run.completed' });
  await startRun(store, 'two');
  const over = new AbortController();
  const drill = drillKillSwitch(store, over.signal);
  await expect.poll(async () => (await switches(store))[1]).toBe('flag.enabled by demonstration');
  over.abort();
  await drill;
});

it('is done in the next run as well, and waits for it to begin', async () => {
  const store = createMemoryStore();
  await startRun(store, 'one');
  await append(store, 'one', open(50));
  await drillKillSwitch(store, new AbortController().signal);
  await append(store, 'one', { type: 'rollback.started', reason: 'once more', drainMs: 0 });
  await append(store, 'one', { type: 'rollback.completed' });
  const drill = drillKillSwitch(store, new AbortController().signal);
  await startRun(store, 'two');
  await append(store, 'two', open(50));
  await drill;
  expect(await switches(store)).toEqual([...drilled, ...drilled]);
});

it('leaves alone what an operator has switched off after a drill', async () => {
  const store = createMemoryStore();
  await startRun(store, 'one');
  await append(store, 'one', open(50));
  await drillKillSwitch(store, new AbortController().signal);
  await append(store, 'one', { type: 'flag.killed', flag: 'new_thing', reason: 'it burns' });
  await drillKillSwitch(store, new AbortController().signal);
  expect(await switches(store)).toEqual([...drilled, 'flag.killed by test']);
});

it('leaves alone what an operator switches off while the drill has it off', async () => {
  const store = createMemoryStore();
  await startRun(store, 'one');
  await append(store, 'one', open(50));
  const drill = drillKillSwitch(store, new AbortController().signal);
  await expect.poll(async () => await switches(store)).toHaveLength(1);
  await switchFlags(store, plan, { off: true, flags: ['new_thing'], reason: 'it burns', actor: 'test' });
  await drill;
  expect(await switches(store)).toEqual(['flag.killed by demonstration', 'flag.killed by test']);
});

it('is not done with a flag that an operator has switched off', async () => {
  const store = createMemoryStore();
  await startRun(store, 'one');
  await append(store, 'one', open(50));
  await append(store, 'one', { type: 'flag.killed', flag: 'new_thing', reason: 'it burns' });
  const over = new AbortController();
  const drill = drillKillSwitch(store, over.signal);
  await sleep(600);
  over.abort();
  await drill;
  expect(await switches(store)).toEqual(['flag.killed by test']);
});

it('ends with the run, and leaves nothing switched off when it is stopped in the middle', async () => {
  const store = createMemoryStore();
  await startRun(store, 'one');
  await append(store, 'one', open(50));
  const over = new AbortController();
  const drill = drillKillSwitch(store, over.signal);
  await expect.poll(async () => await switches(store)).toHaveLength(1);
  over.abort();
  await drill;
  expect(await switches(store)).toEqual(drilled);
});
