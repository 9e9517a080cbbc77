import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { describedBy } from './attribute-queries.ts';
import { catalogDigest } from './catalog-digest.ts';

let database: TestTarget;
beforeEach(async () => {
  database = await createTestTarget(`
    create table messages (id int primary key, body text not null);
    create index by_body on messages (body);
    create table kept (n int);
    create policy own on messages using (true);
    create function nothing() returns int language sql return 1;
    create domain word as text;
    create sequence numbers;
    create view bodies as select body from messages;`);
});
afterEach(async () => await database.drop());

const run = async (sql: string) => void (await database.connection.query(sql));

describe('the digest of a schema', () => {
  // Roles are of the whole server, and other tests are there too: those of Postgres itself do.
  it.each<[change: string, name: string, definition: RegExp, back: string]>([
    [
      'grant select, update on messages to pg_monitor',
      'rights on relation public.messages',
      /SELECT to pg_monitor.*UPDATE to pg_monitor/,
      'revoke all on messages from pg_monitor',
    ],
    [
      'grant select (body) on messages to pg_monitor with grant option',
      'rights on column public.messages.body',
      /^SELECT with grant option to pg_monitor$/,
      'revoke select (body) on messages from pg_monitor',
    ],
    [
      'revoke execute on function nothing() from public',
      'rights on function public.nothing()',
      /^EXECUTE to \w+$/,
      'grant execute on function nothing() to public',
    ],
    [
      'grant usage on sequence numbers to public',
      'rights on sequence public.numbers',
      /USAGE to public/,
      'revoke usage on sequence numbers from public',
    ],
    [
      'alter view bodies owner to pg_monitor',
      'owner of relation public.bodies',
      /^pg_monitor$/,
      'alter view bodies owner to current_user',
    ],
    [
      'alter domain word owner to pg_monitor',
      'owner of type public.word',
      /^pg_monitor$/,
      'alter domain word owner to current_user',
    ],
    [
      'alter table messages force row level security',
      'row security of relation public.messages',
      /^forced upon its owner$/,
      'alter table messages no force row level security',
    ],
    [
      'alter policy own on messages to pg_monitor',
      'roles of policy public.messages.own',
      /^pg_monitor$/,
      'alter policy own on messages to public',
    ],
    [
      'alter table messages replica identity full',
      'replica identity of relation public.messages',
      /^full$/,
      'alter table messages replica identity default',
    ],
    [
      'create rule instead as on insert to messages do instead nothing',
      'rule public.messages.instead',
      /^O CREATE RULE instead .*DO INSTEAD NOTHING/s,
      'drop rule instead on messages',
    ],
    ...[
      ['table messages', 'relation public.messages'],
      ['column messages.body', 'column public.messages.body'],
      ['index by_body', 'index public.by_body'],
      ['constraint messages_pkey on messages', 'constraint public.messages.messages_pkey'],
      ['policy own on messages', 'policy public.messages.own'],
      ['function nothing()', 'function public.nothing()'],
      ['schema public', 'schema public'],
    ].map(
      ([given, name]) =>
        [
          `comment on ${given} is 'what it is for'`,
          `comment on ${name}`,
          /^what it is for$/,
          `comment on ${given} is ${given === 'schema public' ? `'standard public schema'` : 'null'}`,
        ] satisfies [string, string, RegExp, string],
    ),
  ])('sees %s, and is what it was when that is taken back', async (change, name, definition, back) => {
    const before = await catalogDigest(database.connection);
    await run(change);
    const changed = await catalogDigest(database.connection);
    expect(changed.objects[name]).toMatch(definition);
    expect(changed.digest).not.toBe(before.digest);
    await run(back);
    expect((await catalogDigest(database.connection)).objects).toEqual(before.objects);
  });

  it('sees which publications a table is in, which one made anew is not', async () => {
    await run(`create publication everybody for table kept`);
    const before = await catalogDigest(database.connection);
    expect(before.objects['publications of relation public.kept']).toBe('everybody');
    await run('drop table kept; create table kept (n int)');
    const { 'publications of relation public.kept': _, ...others } = before.objects;
    expect((await catalogDigest(database.connection)).objects).toEqual(others);
  });
});

it('what is said about an object is told from the object itself', () => {
  expect(describedBy('comment on index public.by_body')).toBe('index public.by_body');
  expect(describedBy('index public.by_body')).toBeUndefined();
  expect(describedBy('rule public.messages.instead')).toBeUndefined();
});
