import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { driveStep } from '../../testing/drive-step.ts';
import { StepWorld } from '../../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../../testing/test-target.ts';
import { catalogDigest } from '../catalog-digest.ts';
import { schemaStep } from '../definition.ts';

let database: TestTarget;
beforeEach(async () => {
  database = await createTestTarget(`
    create schema auth; create table auth.users (id uuid primary key);
    create table messages (id int primary key, "Body" text, n int default 7);
    insert into messages select k, 'hello ' || k from generate_series(1, 100) k;
  `);
});
afterEach(async () => await database.drop());

const digest = async () => (await catalogDigest(database.connection)).objects;

/** Does by hand what is given, applies the file, and takes that back; in between, `look` looks. */
async function withThere(
  there: string,
  [apply, undo]: readonly [string, string],
  look: (end: Awaited<ReturnType<typeof driveStep>>) => Promise<void> | void,
): Promise<void> {
  await database.connection.query(there);
  const byHand = await digest();
  const file = 'a.sql';
  const world = new StepWorld({
    target: database.directTarget,
    files: { [file]: `${apply}\n-- crossfade:undo\n${undo}` },
  });
  const config = schemaStep.configSchema.parse({ file });
  const end = await driveStep(schemaStep, config, world, { direction: 'forward', fate: 'twice' });
  await look(end);
  const back = await driveStep(schemaStep, config, world, {
    direction: 'undo',
    fate: 'once',
    data: 'applying',
  });
  expect(back).toMatchObject({ end: 'done' });
  expect(await digest(), 'what was there is left by the undo').toEqual(byHand);
}

const isFound = (found: readonly string[]) => ({ end: 'done', facts: { applied: { found } } });

const index = [
  'create index concurrently by_body on public.messages ("Body")',
  'drop index concurrently if exists by_body',
] as const;
const table = [
  `create table notes (
     id bigserial primary key, user_id uuid references auth.users (id), kind varchar(20) not null default 'plain',
     parent bigint references notes (id), check (kind <> ''), unique (user_id, kind));`,
  'drop table if exists notes',
] as const;
const column = [
  "alter table messages add column note varchar(40) default 'none' check (note <> '')",
  'alter table messages drop column if exists note',
] as const;
const search = [
  `alter table public.messages add column search tsvector;
   create function public.keep() returns trigger language plpgsql as $$ begin return new; end $$;
   create trigger keep before insert on public.messages for each row execute function public.keep();`,
  'drop trigger if exists keep on public.messages; drop function if exists public.keep(); alter table public.messages drop column if exists search',
] as const;

describe('what was there already, with the same effect, is found, and left by the undo', () => {
  it.each([
    ['an index', index, index[0].replace('public.', ''), ['index by_body']],
    [
      'a table with keys of all kinds',
      table,
      table[0].replace('create table notes', 'create table public.notes'),
      ['table notes'],
    ],
    ['a column with its default and its check', column, column[0], ['column messages.note']],
    [
      'column, function and trigger',
      search,
      search[0],
      ['column messages.search', 'function keep', 'trigger messages.keep'],
    ],
    [
      'a table that a later statement adds to',
      [
        'create table notes (id int); alter table notes add column text text; create index by_n on notes (text); alter table notes add constraint c check (id > 0) not valid; alter table notes validate constraint c;',
        'drop table if exists notes',
      ],
      'create table notes (id int, text text, constraint c check (id > 0)); create index by_n on notes (text)',
      ['table notes', 'column notes.text', 'index by_n', 'constraint notes.c', 'what line 1 does'],
    ],
    [
      'a foreign key to a column that is unique by an index alone',
      [
        'alter table messages add column handle text; alter table messages add constraint to_handle foreign key (handle) references people (handle)',
        'alter table messages drop constraint if exists to_handle; alter table messages drop column if exists handle',
      ],
      'create table people (handle text); create unique index by_handle on people (handle); alter table messages add column handle text constraint to_handle references people (handle)',
      ['column messages.handle', 'constraint messages.to_handle'],
    ],
    [
      'a type, and a table that uses it',
      [
        "create type mood as enum ('good', 'bad'); create table moods (m mood default 'good');",
        'drop table if exists moods; drop type if exists mood',
      ],
      "create type mood as enum ('good', 'bad'); create table moods (m mood default 'good')",
      ['type mood', 'table moods'],
    ],
  ] as const)('%s', async (_, file, there, found) => {
    await withThere(there, file, (end) => {
      expect(end).toMatchObject(isFound(found));
    });
  });
});

it('does what is not there yet, and takes back only that', async () => {
  const file = [
    `${index[0]}; create index concurrently by_n on messages (n);`,
    `drop index concurrently if exists by_n; ${index[1]}`,
  ] as const;
  await withThere(index[0].replace('concurrently', ''), file, async (end) => {
    expect(end).toMatchObject(isFound(['index by_body']));
    expect(await digest()).toHaveProperty(['index public.by_n']);
  });
});

it('makes a function beside those of the same name with other arguments', async () => {
  const f = (argument: string) => `create function f(a ${argument}) returns int language sql as 'select 1'`;
  await withThere(f('int'), [f('text'), 'drop function if exists f(text)'], async (end) => {
    expect(end).toMatchObject(isFound([]));
    expect(await digest()).toHaveProperty(['function public.f(a text)']);
  });
});

describe('what bears the name and is something else is refused before anything is done', () => {
  it.each([
    [
      'an index over another column',
      index,
      'create index by_body on messages (n)',
      'expected "CREATE INDEX by_body ON public.messages USING btree (\\"Body\\")"',
    ],
    [
      'a unique index',
      index,
      'create unique index by_body on messages ("Body")',
      'index public.by_body is "CREATE UNIQUE INDEX',
    ],
    [
      'a table by the name of the index',
      index,
      'create table by_body (n int)',
      'index public.by_body is not there, or is something else',
    ],
    [
      'a table with another type',
      table,
      table[0].replace('varchar(20)', 'text'),
      'column public.notes.kind is "text not null default \'plain\'::text", expected "character varying(20) not null',
    ],
    [
      'a table with one column more',
      table,
      table[0].replace('parent bigint', 'more int, parent bigint'),
      'column public.notes.more is there besides',
    ],
    [
      'a table without one of its keys',
      table,
      table[0].replace(', unique (user_id, kind)', ''),
      'constraint public.notes.notes_user_id_kind_key is not there',
    ],
    [
      'a column without its default',
      column,
      "alter table messages add column note varchar(40) check (note <> '')",
      'column public.messages.note is "character varying(40)", expected "character varying(40) default \'none\'',
    ],
    [
      'a function with another body',
      search,
      search[0].replace('return new;', 'return null;'),
      'function public.keep() is',
    ],
  ] as const)('%s', async (_, file, there, reason) => {
    await withThere(
      there,
      [`create table more (n int); ${file[0]}`, `${file[1]}; drop table if exists more`],
      async (end) => {
        expect(end).toMatchObject({ end: 'failed' });
        const said = end.end === 'failed' ? end.reason : '';
        expect(said).toContain(reason.replaceAll('\\', ''));
        expect(said).toMatch(
          /^a\.sql:\d+: what it is to make was there before this run, and is not the same: .* It is not ours to replace/,
        );
        expect(await digest()).not.toHaveProperty(['relation public.more']);
      },
    );
  });
});

it('says in its summaries what it has found and left', async () => {
  await database.connection.query(index[0].replace('concurrently', ''));
  const files = { 'a.sql': `${index[0]};\n-- crossfade:undo\n${index[1]}` };
  const world = new StepWorld({ target: database.directTarget, files });
  const config = schemaStep.configSchema.parse({ file: 'a.sql' });
  const done = await driveStep(schemaStep, config, world, { direction: 'forward', fate: 'once' });
  expect(done).toMatchObject({ summary: 'applied a.sql; was there already: index by_body' });
  const undo = { direction: 'undo', fate: 'once', data: done.data } as const;
  expect(await driveStep(schemaStep, config, world, undo)).toMatchObject({
    summary: 'took a.sql back; left what was there before: index by_body',
  });
});

it('does not guess whether rows were written, and names the tool that may have been at work', async () => {
  await database.connection.query('create table _prisma_migrations (id int)');
  const file = [`${table[0]} insert into notes (kind) values ('first');`, table[1]] as const;
  await withThere(table[0], file, (end) => {
    expect(end).toMatchObject({
      end: 'failed',
      reason: expect.stringMatching(
        /:3: other statements of this file have been done already, .* of its own\nPrisma \(public\._prisma_migrations\) may have done it/,
      ) as string,
    });
  });
});
