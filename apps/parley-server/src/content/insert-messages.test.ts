import { randomUUID } from 'node:crypto';
import type pg from 'pg';
import { expect, test } from 'vitest';
import type { MessageRow } from './content-rows.ts';
import { insertMessages } from './insert-messages.ts';
import { installSchema } from './install-schema.ts';
import { connectToFreshDatabase, expectSoundNumbers } from './testing/stored-content.ts';

type Room = { client: pg.Client; room: string; ada: string; ben: string };

async function openRoom(): Promise<Room> {
  const { client } = await connectToFreshDatabase();
  await installSchema(client);
  const people = await client.query<{ id: string }>(
    "INSERT INTO auth.users (email) VALUES ('ada@parley.example'), ('ben@parley.example') RETURNING id",
  );
  const rooms = await client.query<{ id: string }>(
    "INSERT INTO public.conversations (kind, title) VALUES ('channel', 'general') RETURNING id",
  );
  const [ada, ben] = people.rows.map(({ id }) => id);
  return { client, room: rooms.rows[0]?.id ?? '', ada: ada ?? '', ben: ben ?? '' };
}

const written = (place: number, senderId: string, thread: number | null = null): MessageRow => ({
  id: randomUUID(),
  externalId: `test:${place}`,
  threadExternalId: thread === null ? null : `test:${thread}`,
  senderId,
  body: `message ${place}`,
  createdAtSeconds: 1_600_000_000 + place,
  editedAtSeconds: null,
});

async function stored({ client, room }: Room): Promise<unknown[]> {
  const { rows } = await client.query(
    `SELECT seq::int, version::int, reply_count, extract(epoch FROM last_reply_at)::int - 1600000000 AS last, repliers
     FROM public.messages WHERE conversation_id = $1 ORDER BY seq`,
    [room],
  );
  return rows;
}
async function counters({ client, room }: Room): Promise<unknown> {
  const { rows } = await client.query(
    'SELECT last_seq::int, version::int, member_count FROM public.conversations WHERE id = $1',
    [room],
  );
  return rows[0];
}
const unanswered = { reply_count: 0, last: null, repliers: null };

test('messages have a version each, and threads know their answers', async () => {
  const room = await openRoom();
  const { client, ada, ben } = room;
  const batch = [written(1, ada), written(2, ben, 1), written(3, ada, 1), written(4, ben)];
  expect(await insertMessages(client, room.room, batch)).toBe(4);
  expect(await insertMessages(client, room.room, batch)).toBe(0);
  expect(await stored(room)).toEqual([
    { seq: 1, version: 1, reply_count: 2, last: 3, repliers: [ada, ben] },
    { seq: 2, version: 2, ...unanswered },
    { seq: 3, version: 3, ...unanswered },
    { seq: 4, version: 4, ...unanswered },
  ]);
  expect(await counters(room)).toEqual({ last_seq: 4, version: 4, member_count: 2 });
  await expectSoundNumbers(client);
});

test('an answer to what was stored before is a change of it, which whoever knows it can ask for', async () => {
  const room = await openRoom();
  const { client, ada, ben } = room;
  await insertMessages(client, room.room, [written(1, ada), written(2, ben, 1), written(3, ada)]);
  await insertMessages(client, room.room, [written(4, ada, 1), written(5, ben, 3), written(6, ben)]);
  expect(await stored(room)).toEqual([
    { seq: 1, version: 7, reply_count: 2, last: 4, repliers: [ada, ben] },
    { seq: 2, version: 2, ...unanswered },
    { seq: 3, version: 7, reply_count: 1, last: 5, repliers: [ben] },
    { seq: 4, version: 4, ...unanswered },
    { seq: 5, version: 5, ...unanswered },
    { seq: 6, version: 6, ...unanswered },
  ]);
  expect(await counters(room)).toEqual({ last_seq: 6, version: 7, member_count: 2 });
});

test('after changes that people made, imported messages are newer than these', async () => {
  const room = await openRoom();
  const { client, ada } = room;
  await insertMessages(client, room.room, [written(1, ada)]);
  await client.query('UPDATE public.conversations SET version = 9');
  await insertMessages(client, room.room, [written(2, ada)]);
  expect(await stored(room)).toMatchObject([{ version: 1 }, { seq: 2, version: 10 }]);
  expect(await counters(room)).toMatchObject({ last_seq: 2, version: 10 });
});
