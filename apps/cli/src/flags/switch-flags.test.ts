import { createMemoryStore } from '@crossfade/store';
import { expect, it } from 'vitest';
import { checkPlan } from '../catalogs.ts';
import { smallPlanYaml } from '../testing/small-plan.ts';
import { switchFlags } from './switch-flags.ts';

const { bound } = checkPlan({
  'plan.yaml': smallPlanYaml,
  'sql/001.sql': 'CREATE TABLE t (id integer);\n-- crossfade:undo\nDROP TABLE IF EXISTS t;\n',
});
if (!bound) throw new Error('the small plan is not valid any more');
const plan = bound;

/** Each "ACTOR off" or "ACTOR on", one after the other: what the journal then says of switches. */
async function journalled(...orders: readonly string[]): Promise<readonly string[]> {
  const store = createMemoryStore();
  for (const order of orders) {
    const [actor = '', wanted] = order.split(' ');
    await switchFlags(store, plan, { off: wanted === 'off', flags: ['new_thing'], reason: '', actor });
  }
  return (await store.readJournal(0)).flatMap(({ actor, event }) => {
    if (event.type === 'flag.killed') return [`${actor} off`];
    return event.type === 'flag.enabled' ? [`${actor} on`] : [];
  });
}

it('says once what one operator says again', async () => {
  expect(await journalled('anna on', 'anna off', 'anna off')).toEqual(['anna off']);
  expect(await journalled('anna off', 'anna on', 'anna on', 'ben on')).toEqual(['anna off', 'anna on']);
});

it('says also who wants it off that another has switched off', async () => {
  const orders = ['anna off', 'ben off'];
  expect(await journalled(...orders, 'ben off')).toEqual(orders);
  expect(await journalled(...orders, 'anna on', 'ben off')).toEqual([...orders, 'anna on', 'ben off']);
});
