import type { Target } from '@crossfade/engine';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { driveStep } from '../testing/drive-step.ts';
import { StepWorld } from '../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { schemaStep } from './definition.ts';

const files = {
  'alone.sql': `alter table notes add column by text;
create index concurrently notes_by on notes (by);
-- crossfade:undo
drop index concurrently if exists notes_by;
alter table notes drop column if exists by;`,
  'undo-alone.sql': `create index notes_text on notes (text);
-- crossfade:undo
drop index concurrently if exists notes_text;`,
  'together.sql': `alter table notes add column by text;
-- crossfade:undo
alter table notes drop column if exists by;`,
};

let database: TestTarget;
beforeAll(async () => {
  database = await createTestTarget('create table notes (id int primary key, text text)');
});
afterAll(async () => await database.drop());

/** As a pooler's connection is seen; every text that was sent is kept. */
function pooledTarget(sent: string[]): Target {
  return {
    withConnection: async (options, work) =>
      await database.directTarget.withConnection(options, async (connection) => {
        return await work({
          pooled: true,
          query: async (text, parameters) => {
            sent.push(text);
            return await connection.query(text, parameters);
          },
        });
      }),
  };
}

const configFor = (file: string) => schemaStep.configSchema.parse({ file });
const worldWith = (target: Target) => new StepWorld({ target, files });
const forwardOnce = { direction: 'forward', fate: 'once' } as const;
const undoOnce = { direction: 'undo', fate: 'once' } as const;

async function forward(file: string, sent: string[]) {
  return await driveStep(schemaStep, configFor(file), worldWith(pooledTarget(sent)), forwardOnce);
}

it.each([
  ['alone.sql:2', 'alone.sql'],
  ['undo-alone.sql:3', 'undo-alone.sql'],
])('through a pooler, %s is refused before anything is done', async (place, file) => {
  const sent: string[] = [];
  const reason =
    `${place}: runs outside of a transaction, which cannot be done safely through a connection pooler: ` +
    'set DATABASE_DIRECT_URL to the address of the Postgres server behind it';
  expect(await forward(file, sent)).toMatchObject({ end: 'failed', reason });
  expect(sent).toEqual([]);
});

it('what was refused has nothing to be taken back, and that is done through the pooler', async () => {
  const world = worldWith(pooledTarget([]));
  const refused = await driveStep(schemaStep, configFor('alone.sql'), world, forwardOnce);
  expect(refused.end).toBe('failed');
  const { data } = refused;
  expect(await driveStep(schemaStep, configFor('alone.sql'), world, { ...undoOnce, data })).toMatchObject({
    end: 'done',
  });
});

it('what was done past the pooler is not taken back through it, and nothing of it is begun', async () => {
  const world = worldWith(database.directTarget);
  const done = await driveStep(schemaStep, configFor('alone.sql'), world, forwardOnce);
  expect(done.end).toBe('done');
  const { data } = done;
  const sent: string[] = [];
  world.target = pooledTarget(sent);
  expect(await driveStep(schemaStep, configFor('alone.sql'), world, { ...undoOnce, data })).toMatchObject({
    end: 'failed',
    reason: expect.stringContaining('alone.sql:4: runs outside of a transaction') as string,
  });
  expect(sent.filter((text) => /drop|alter/.test(text))).toEqual([]);
  world.target = database.directTarget;
  expect(await driveStep(schemaStep, configFor('alone.sql'), world, { ...undoOnce, data })).toMatchObject({
    end: 'done',
  });
});

it('through a pooler, everything is inside of transactions and sets nothing that outlives them', async () => {
  const sent: string[] = [];
  expect(await forward('together.sql', sent)).toMatchObject({ end: 'done' });
  let inside = false;
  for (const text of sent) {
    if (text.startsWith('begin')) inside = true;
    expect(inside, text).toBe(true);
    expect(text).not.toMatch(
      /, false\)|^set (?!local)|; set (?!local)|\blisten\b|pg_advisory_lock\(|\bprepare\b/i,
    );
    if (text === 'commit' || text === 'rollback') inside = false;
  }
});
