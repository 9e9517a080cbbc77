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
  'swap.sql': `
    create index concurrently by_text_2 on messages (text, id);
    drop index concurrently if exists by_text;
    alter index by_text_2 rename to by_text;
    -- crossfade:undo
    alter index by_text rename to by_text_2;
    create index concurrently by_text on messages (text);
    drop index concurrently if exists by_text_2;`,
  'rename.sql': `
    create index concurrently by_id on messages (id);
    alter table messages rename column text to body;
    create table notes (id bigint primary key);
    alter table notes add column text text;
    -- crossfade:undo
    alter table notes alter column text drop default;
    alter table notes drop column if exists text;
    drop table if exists notes;
    alter table messages rename column body to text;
    drop index concurrently if exists by_id;`,
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

it.each(Object.keys(files))('%s is one that validation lets pass', (file) => {
  expect(schemaStep.lint(config(file), files)).toEqual([]);
});

let runs = 0;
/** What runs outside of a transaction needs a session of its own. */
function newRun(file: string): StepWorld {
  runs += 1;
  const target = file === 'together.sql' ? database.target : database.directTarget;
  return new StepWorld({ target, files, runId: `run-${runs}` });
}

// Longer than a busy machine takes for some hundred connections.
const patience = { timeout: 300_000 };

describe.each(['together.sql', 'alone.sql'])('%s, cut off after every statement', patience, (file) => {
  it('is applied whole by a successor', async () => {
    const before = await digest();
    const cuts = await cutOffEverywhere({
      type: schemaStep,
      config: config(file),
      kind: 'apply',
      prepare: () => Promise.resolve(newRun(file)),
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
    expect(await undoneFromEverywhere(file)).toBeGreaterThan(12);
  });
});

describe.each(['alone.sql', 'rename.sql'])('%s, cut off while it is applied', patience, (file) => {
  it('is taken back whole by a successor', async () => {
    expect(await takenBackFromEverywhere(file)).toBeGreaterThan(12);
  });
});

/** Its undo is cut off after every statement, and taken up from there: all must be as before. Returns the number of cuts. */
async function undoneFromEverywhere(file: string): Promise<number> {
  const before = await digest();
  return await cutOffEverywhere({
    type: schemaStep,
    config: config(file),
    kind: 'revert',
    prepare: async () => {
      const world = newRun(file);
      await schemaStep.perform(effect(file, 'apply'), world.context());
      return world;
    },
    verify: async () => {
      expect(await digest()).toEqual(before);
    },
  });
}

/** Cut off after every statement, and taken back from there: all must be as before. Returns the number of cuts. */
async function takenBackFromEverywhere(file: string): Promise<number> {
  const before = await digest();
  return await cutOffEverywhere({
    type: schemaStep,
    config: config(file),
    kind: 'apply',
    successorKind: 'revert',
    prepare: () => Promise.resolve(newRun(file)),
    verify: async () => {
      expect(await digest()).toEqual(before);
    },
  });
}

describe.each(['drop.sql', 'swap.sql'])('an index that %s drops', patience, (file) => {
  beforeAll(async () => {
    await database.connection.query('create index by_text on messages (text)');
  });
  afterAll(async () => {
    await database.connection.query('drop index by_text');
  });

  it('is dropped once, wherever that is cut off', async () => {
    const before = await digest();
    await cutOffEverywhere({
      type: schemaStep,
      config: config(file),
      kind: 'apply',
      prepare: () => Promise.resolve(newRun(file)),
      verify: async (world) => {
        expect((await digest())['index public.by_text']).not.toBe(before['index public.by_text']);
        await schemaStep.perform(effect(file, 'revert'), world.context());
        expect(await digest()).toEqual(before);
      },
    });
  });

  it('is there again when the drop is taken back from where it was cut off', async () => {
    expect(await takenBackFromEverywhere(file)).toBeGreaterThan(12);
  });

  it('is there again wherever the undo is cut off', async () => {
    expect(await undoneFromEverywhere(file)).toBeGreaterThan(0);
  });
});
