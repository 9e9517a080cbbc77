import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { Client } from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { knownMembers } from './known-members.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let client: Client;
/** How many members each question brought. */
let brought: number[] = [];

beforeEach(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`
    create schema crossfade;
    create table crossfade.segment_members (
      segment text not null, targeting_key text not null, seq bigint generated always as identity,
      primary key (segment, targeting_key))`);
  brought = [];
});
afterEach(async () => {
  await client.end();
  await database.drop();
});

const add = async (segment: string, ...keys: readonly string[]) =>
  await client.query(
    'insert into crossfade.segment_members (segment, targeting_key) select $1, unnest($2::text[])',
    [segment, keys],
  );
/** A client that counts what it is sent. */
const counting = (): Client => {
  const query = async (text: string, values?: unknown[]) => {
    const answer = await client.query<{ keys?: string[] }>(text, values);
    for (const { keys } of answer.rows) if (keys) brought.push(keys.length);
    return answer;
  };
  return Object.assign(Object.create(client) as Client, { query });
};

describe('who is in a segment', () => {
  it('is read whole once, and after that only who has joined', async () => {
    const members = knownMembers();
    await add('power', 'a', 'b', 'c');
    await add('others', 'x');
    const first = await members.read(counting(), ['power']);
    expect(first).toEqual(new Map([['power', new Set(['a', 'b', 'c'])]]));
    await add('power', 'd');
    const second = await members.read(counting(), ['power']);
    expect(second.get('power')).toEqual(new Set(['a', 'b', 'c', 'd']));
    expect(brought).toEqual([3, 1]);
    expect(first.get('power')?.size).toBe(3);
  });

  it('is the very same set as long as nobody joins, also when somebody joins another segment', async () => {
    const members = knownMembers();
    await add('power', 'a');
    const first = await members.read(client, ['power']);
    expect((await members.read(client, ['power'])).get('power')).toBe(first.get('power'));
    await add('others', 'x');
    expect((await members.read(client, ['power'])).get('power')).toBe(first.get('power'));
  });

  it('is taken up where it was when a segment was not asked for in between', async () => {
    const members = knownMembers();
    await add('power', 'a');
    await members.read(client, ['power']);
    await add('power', 'b');
    await add('others', 'x');
    await members.read(client, ['others']);
    expect((await members.read(client, ['power', 'others'])).get('power')).toEqual(new Set(['a', 'b']));
  });

  it('is nobody in no segment, and in one that nobody is in until somebody joins', async () => {
    const members = knownMembers();
    expect(await members.read(client, [])).toEqual(new Map());
    expect(await members.read(client, ['power'])).toEqual(new Map());
    await add('power', 'a');
    expect(await members.read(client, ['power'])).toEqual(new Map([['power', new Set(['a'])]]));
  });

  it('is read anew from tables that were made anew', async () => {
    const members = knownMembers();
    await add('power', 'a', 'b', 'c');
    await members.read(client, ['power']);
    await client.query('truncate crossfade.segment_members restart identity');
    await add('power', 'z');
    expect(await members.read(client, ['power'])).toEqual(new Map([['power', new Set(['z'])]]));
  });

  it('is read whole each time from tables of an older Crossfade, which do not number people', async () => {
    const members = knownMembers();
    await client.query('alter table crossfade.segment_members drop column seq');
    await add('power', 'a');
    await members.read(counting(), ['power']);
    await add('power', 'b');
    expect(await members.read(counting(), ['power'])).toEqual(new Map([['power', new Set(['a', 'b'])]]));
    expect(brought).toEqual([1, 2]);
  });
});
