import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutOffEverywhere } from '../testing/cut-off-everywhere.ts';
import { StepWorld } from '../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { catalogDigest } from './catalog-digest.ts';
import { schemaStep } from './definition.ts';

const files = {
  'together.sql': `
    create table notes (id bigint primary key);
    alter table messages add column note text;
    -- crossfade:undo
    alter table messages drop column if exists note;
    drop table if exists notes;`,
  'alone.sql': `
    create index concurrently by_text on messages (text);
    alter table messages add column note text;
    create index concurrently by_note on messages (note);
    -- crossfade:undo
    drop index concurrently if exists by_note;
    alter table messages drop column if exists note;
    drop index concurrently if exists by_text;`,
  'drop.sql': `
    -- nobody asks for it
    drop index concurrently by_text;
    -- crossfade:undo
    create index concurrently by_text on messages (text);`,
};

let database: TestTarget;
beforeAll(async () => {
  database = await createTestTarget('create table messages (id bigint primary key, text text);');
});
afterAll(async () => await database.drop());

const digest = async () => (await catalogDigest(database.connection)).objects;
const config = (file: string) => schemaStep.configSchema.parse({ file });
const effect = (file: string, kind: string) => ({
  key: `k/${kind}`,
  kind,
  input: null,
  config: config(file),
});

let runs = 0;
function newRun(): StepWorld {
  runs += 1;
  return new StepWorld({ target: database.target, files, runId: `run-${runs}` });
}

describe.each(['together.sql', 'alone.sql'])('%s, cut off after every statement', (file) => {
  it('is applied whole by a successor', async () => {
    const before = await digest();
    const cuts = await cutOffEverywhere({
      type: schemaStep,
      config: config(file),
      kind: 'apply',
      prepare: () => Promise.resolve(newRun()),
      verify: async (world) => {
        expect(await digest()).toHaveProperty(['column public.messages.note']);
        expect(JSON.stringify(await digest())).not.toContain('invalid');
        await schemaStep.perform(effect(file, 'revert'), world.context());
        expect(await digest()).toEqual(before);
      },
    });
    expect(cuts).toBeGreaterThan(12);
  });

  it('is taken back whole by a successor', async () => {
    const before = await digest();
    const cuts = await cutOffEverywhere({
      type: schemaStep,
      config: config(file),
      kind: 'revert',
      prepare: async () => {
        const world = newRun();
        await schemaStep.perform(effect(file, 'apply'), world.context());
        return world;
      },
      verify: async () => {
        expect(await digest()).toEqual(before);
      },
    });
    expect(cuts).toBeGreaterThan(12);
  });
});

it('a concurrent drop, cut off after every statement, is done once', async () => {
  await database.connection.query('create index by_text on messages (text)');
  const before = await digest();
  await cutOffEverywhere({
    type: schemaStep,
    config: config('drop.sql'),
    kind: 'apply',
    prepare: () => Promise.resolve(newRun()),
    verify: async (world) => {
      expect(await digest()).not.toHaveProperty(['index public.by_text']);
      await schemaStep.perform(effect('drop.sql', 'revert'), world.context());
      expect(await digest()).toEqual(before);
    },
  });
});
