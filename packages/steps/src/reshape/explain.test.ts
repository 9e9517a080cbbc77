import { describe, expect, it } from 'vitest';
import { createTestTarget } from '../testing/test-target.ts';
import { reshapeStep } from './definition.ts';

const column = { from: 'score', to: 'points', type: 'integer', up: 'score::integer', down: 'points::text' };
const parse = (settings: object) =>
  reshapeStep.configSchema.parse({ table: 'reviews', key: 'id', ...settings });

describe('what is told of a change of shape beforehand', () => {
  it('is told without a server, too', async () => {
    const [only] = await reshapeStep.explain(parse({ columns: [column] }), { files: {}, asked: [15, 18] });
    expect(only?.apply.statements[0]).toEqual({
      line: 1,
      sql: 'alter table "public"."reviews" add column "points" integer',
      locks: [{ mode: 'ACCESS EXCLUSIVE', on: 'public.reviews', keepsOut: 'everybody' }],
    });
    expect(only?.notes[0]).toMatch(/the table has others/);
  });

  it('names the keys that point at a table, and what stands in the way', async () => {
    const database = await createTestTarget(`
      create table reviews (id integer primary key);
      create table likes (review_id integer references reviews);
      create table parted (id integer primary key) partition by range (id);
    `);
    try {
      const ground = { files: {}, asked: database.connection };
      const told = await reshapeStep.explain(parse({ rewrite: true }), ground);
      expect(told.map(({ title }) => title)).toEqual([
        'lays the new shape beside the old one',
        'points foreign keys at the new table, too',
        'gives the new table its name',
      ]);
      expect(told[1]?.apply.statements[0]?.sql).toMatch(
        /^alter table "public"."likes" add constraint .* not valid$/,
      );
      const [refused] = await reshapeStep.explain(parse({ rewrite: true, table: 'parted' }), ground);
      expect(refused?.refused).toBe('parted cannot be given a new shape by this step: it is partitioned');
    } finally {
      await database.drop();
    }
  });
});
