import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { reshapeStep } from '../reshape/definition.ts';
import { driveStep } from '../testing/drive-step.ts';
import { StepWorld } from '../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { asVerifiable, verifyStep } from './verify-step.ts';

let database: TestTarget;
let world: StepWorld;
beforeEach(async () => {
  database = await createTestTarget(`
    create table reviews (id integer primary key, score text not null);
    insert into reviews select n, n::text from generate_series(1, 3000) n;
    analyze reviews;
  `);
  world = new StepWorld({ target: database.target });
});
afterEach(async () => await database.drop());

const columns = [
  { from: 'score', to: 'points', type: 'integer', up: 'score::integer', down: 'points::text' },
];
const parse = (rewrite: boolean) =>
  reshapeStep.configSchema.parse({
    table: 'public.reviews',
    key: 'id',
    columns,
    batch_size: 50,
    rewrite,
  });
async function verify(rewrite: boolean) {
  const step = asVerifiable(reshapeStep, parse(rewrite));
  if (!step) throw new Error('a change of shape has rows to compare');
  return await verifyStep(step, { ...world.context(), workers: 2, resume: false });
}

/** Stops the step once it has filled so many rows. */
async function fillUntil(rows: number, rewrite: boolean): Promise<void> {
  const stop = new AbortController();
  const whole = world.context.bind(world);
  world.context = () => ({
    ...whole(stop.signal),
    report: ({ unit, done }) => {
      if (unit === 'rows' && done > rows) stop.abort(new Error('stopped half-way'));
    },
  });
  const end = await driveStep(reshapeStep, parse(rewrite), world, { direction: 'forward', fate: 'once' });
  expect(end).toMatchObject({ end: 'failed', reason: 'stopped half-way' });
  world.context = whole;
}

describe.each([
  ['a column', false],
  ['a table', true],
])('the verification of %s of another shape', (_name, rewrite) => {
  it('compares nothing before it has begun', async () => {
    expect(await verify(rewrite)).toMatchObject({
      compared: 0,
      notVerified: 'both shapes are not there yet, or not any more',
    });
  });

  it('in the middle of it counts rows without a new shape as still to do', async () => {
    await fillUntil(1_000, rewrite);
    const found = await verify(rewrite);
    expect(found).toMatchObject({ different: 0, keys: [], notVerified: null });
    expect(found.notDone).toBeGreaterThan(0);
    expect(found.compared).toBeGreaterThan(1_000);
    expect(found.compared + found.notDone).toBe(3_000);
  });

  it('finds a row that the new shape cannot hold, among others', async () => {
    await driveStep(reshapeStep, parse(rewrite), world, { direction: 'forward', fate: 'once' });
    expect(await verify(rewrite)).toMatchObject({ compared: 3_000, notDone: 0, different: 0 });
    await database.connection.query(`update reviews set score = 'many' where id in (70, 2900)`);
    expect(await verify(rewrite)).toMatchObject({ compared: 3_000, different: 2, keys: ['70', '2900'] });
  });
});
