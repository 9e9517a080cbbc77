import { afterAll, beforeAll, expect, it } from 'vitest';
import type { ExplainGround, Explanation } from '../../explains.ts';
import { createTestTarget, type TestTarget } from '../../testing/test-target.ts';
import { schemaStep } from '../definition.ts';

const explained = async (
  settings: object,
  asked: ExplainGround['asked'] = [15, 18],
  files = {},
): Promise<readonly Explanation[]> =>
  await schemaStep.explain(schemaStep.configSchema.parse(settings), { files, asked });
const sqlOf = ({ apply }: Explanation) => apply.statements.map(({ sql }) => sql);

it('tells a file as it stands there, with what each statement locks', async () => {
  const files = {
    'a.sql': `create table notes (id bigint);
      create index on notes (id);
      alter table messages add column note text;
      do $$ begin end $$;
      -- crossfade:undo
      alter table messages drop column if exists note;`,
  };
  const [only, ...more] = await explained({ file: 'a.sql' }, [15, 18], files);
  expect(more).toEqual([]);
  expect(only?.apply.together).toBe(true);
  expect(only?.apply.statements.map(({ line, locks }) => [line, locks])).toEqual([
    [1, []],
    [2, []],
    [3, [{ mode: 'ACCESS EXCLUSIVE', on: 'messages', keepsOut: 'everybody' }]],
    [4, [{ mode: 'whatever it asks for', on: 'whatever it names', keepsOut: 'everybody' }]],
  ]);
  expect(only?.undo.statements).toMatchObject([{ line: 6 }]);
});

it('tells what servers do in the same way once', async () => {
  const told = await explained({ change: { add_index: { table: 'messages', columns: ['body'] } } });
  expect(told).toMatchObject([
    {
      servers: null,
      apply: {
        statements: [
          {
            line: 1,
            sql: 'create index concurrently messages_body_idx on messages (body)',
            locks: [{ mode: 'SHARE UPDATE EXCLUSIVE', on: 'messages', keepsOut: 'nobody' }],
          },
        ],
      },
      undo: { statements: [{ line: 2, locks: [{ on: 'messages_body_idx and its table' }] }] },
    },
  ]);
});

it('tells what they do in different ways for each', async () => {
  const change = { set_not_null: { table: 'messages', column: 'body' } };
  const told = await explained({ change });
  expect(told.map(({ servers, apply }) => [servers, apply.statements.length])).toEqual([
    ['Postgres before 18', 4],
    ['Postgres 18 and newer', 2],
  ]);
  expect(await explained({ change }, [17])).toMatchObject([{ servers: null }]);
});

it('says what is left to do, and what stays', async () => {
  const [column] = await explained({
    change: { add_column: { table: 't', column: 'c', type: 'uuid', default: 'gen_random_uuid()' } },
  });
  expect(column?.notes.join()).toContain('stay NULL until a backfill step fills c');
  const [value] = await explained({ change: { add_enum_value: { type: 'mood', value: 'glad' } } });
  expect(value?.undo.statements).toEqual([]);
  expect(value?.notes.join()).toContain('stays in mood');
});

let database: TestTarget;
beforeAll(async () => {
  database = await createTestTarget(`
    create table events (at integer, n integer) partition by range (at);
    create table events_1 partition of events for values from (0) to (100);
    create table messages (id bigint not null);
    create function calm() returns integer language sql stable as 'select 1';
  `);
});
afterAll(async () => await database.drop());

it('asks a server what the table is like there', async () => {
  const [told] = await explained(
    { change: { add_index: { table: 'events', columns: ['n'] } } },
    database.connection,
  );
  expect(told && sqlOf(told)).toEqual([
    'create index events_n_idx on only public.events (n)',
    'create index concurrently events_1_n_idx on public.events_1 (n)',
    'alter index public.events_n_idx attach partition public.events_1_n_idx',
  ]);
});

it('asks a server whether a default is one value for all', async () => {
  const change = { add_column: { table: 'messages', column: 'c', type: 'integer', default: 'calm()' } };
  const [told] = await explained({ change }, database.connection);
  expect(told && sqlOf(told)).toEqual(['alter table public.messages add column c integer default calm()']);
  const [unasked] = await explained({ change });
  expect(unasked?.notes.join()).toContain('Nobody could be asked');
});

it('says why it cannot be done there', async () => {
  const [told] = await explained(
    { change: { add_identity: { table: 'messages', column: 'n' } } },
    database.connection,
  );
  expect(told).toMatchObject({ refused: expect.stringContaining('messages has no column n') });
});

it('imagines a table that an earlier step will make', async () => {
  const [told] = await explained(
    { change: { add_index: { table: 'later', columns: ['n'] } } },
    database.connection,
  );
  expect(told).toMatchObject({
    refused: null,
    notes: [expect.stringContaining('there is no table later in this database: told as for an ordinary')],
  });
});
