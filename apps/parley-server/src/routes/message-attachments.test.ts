import { randomUUID } from 'node:crypto';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import type { Attachment, Message } from '../queries/message-row.ts';
import type { ParleyServer } from '../server.ts';
import { call } from '../testing/client.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from '../testing/parley-fixture.ts';

let parley: ParleyFixture;
let first: ParleyServer;
let second: ParleyServer;
let ana: TestPerson;
let bo: TestPerson;
let room: string;

beforeAll(async () => {
  parley = await createParleyFixture();
  first = await parley.startServer();
  second = await parley.startServer();
  ana = await parley.addPerson('Ana');
  bo = await parley.addPerson('Bo');
});
beforeEach(async () => {
  room = await parley.addConversation([ana, bo]);
});
afterAll(async () => await parley.close());

type Sent = { message: Message; error: { code: string; field: string } };

const upload = async (by: TestPerson, name: string, to = room): Promise<Attachment> => {
  const [row] = await parley.sql(
    `INSERT INTO parley.attachments (id, conversation_id, uploader_id, name, media_type, size_bytes, width, height, data)
     VALUES ($1, $2, $3, $4, 'image/png', 3, 20, NULL, 'abc') RETURNING id`,
    [randomUUID(), to, by.id, name],
  );
  return { id: String(row?.['id']), name, mediaType: 'image/png', sizeBytes: 3, width: 20, height: null };
};
const post = async (as: TestPerson, body: object, { app }: ParleyServer = first) =>
  await call<Sent>(app, `/v1/conversations/${room}/messages`, {
    method: 'POST',
    as,
    body: { clientId: randomUUID(), ...body },
  });
const filesOf = async (messageId: string): Promise<unknown[]> =>
  await parley.sql('SELECT name FROM parley.attachments WHERE message_id = $1 ORDER BY name', [messageId]);

it('a message brings its sender’s files, in the order given, and needs no text then', async () => {
  const [one, two] = [await upload(ana, 'one.png'), await upload(ana, 'two.png')];
  const { status, body } = await post(ana, { body: '', attachmentIds: [two.id, one.id, two.id] });
  expect(status).toBe(201);
  expect(body.message).toMatchObject({ body: '', attachments: [two, one] });
  expect(await filesOf(body.message.id)).toEqual([{ name: 'one.png' }, { name: 'two.png' }]);
  const list = await call<{ conversations: { id: string; lastMessage: { excerpt: string } }[] }>(
    first.app,
    '/v1/conversations',
    { as: bo },
  );
  expect(list.body.conversations.find(({ id }) => id === room)?.lastMessage.excerpt).toBe('two.png, one.png');
});

it('nobody brings another person’s file, one of another conversation, or one that was sent', async () => {
  const elsewhere = await parley.addConversation([ana]);
  const mine = await upload(ana, 'mine.png');
  const files = [
    await upload(bo, 'his.png'),
    await upload(ana, 'there.png', elsewhere),
    { id: randomUUID() },
  ];
  for (const { id } of files) {
    const { status, body } = await post(ana, { body: 'look', attachmentIds: [mine.id, id] });
    expect(status).toBe(400);
    expect(body.error).toMatchObject({ code: 'invalid', field: 'attachmentIds' });
  }
  const sent = await post(ana, { body: 'look', attachmentIds: [mine.id] });
  expect(sent.body.message.seq).toBe(1);
  expect((await post(ana, { body: 'again', attachmentIds: [mine.id] })).status).toBe(400);
});

it('the same send to two processes at once is stored once, and of two sends one gets the file', async () => {
  for (let round = 0; round < 10; round += 1) {
    const { id } = await upload(ana, 'photo.png');
    const same = { clientId: `same-${room}-${round}`, body: '', attachmentIds: [id] };
    const answers = await Promise.all([post(ana, same, first), post(ana, same, second)]);
    expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 201]);
    const other = await upload(ana, 'other.png');
    const both = await Promise.all(
      [first, second].map(async (server) => await post(ana, { body: '', attachmentIds: [other.id] }, server)),
    );
    expect(both.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([201, 400]);
  }
});

it('files go with their message', async () => {
  const { id } = await upload(ana, 'regrettable.png');
  const { message } = (await post(ana, { body: '', attachmentIds: [id] })).body;
  const removed = await call<Sent>(first.app, `/v1/messages/${message.id}`, { method: 'DELETE', as: ana });
  expect(removed.body.message.attachments).toEqual([]);
  expect(await parley.sql('SELECT 1 FROM parley.attachments WHERE id = $1', [id])).toEqual([]);
});

it.each([
  { body: '' },
  { body: '', attachmentIds: [] },
  { body: 'x', attachmentIds: ['no id'] },
  { body: 'x', attachmentIds: Array.from({ length: 11 }, () => randomUUID()) },
  { body: 'x', attachmentIds: null },
  { attachmentIds: [randomUUID()] },
])('refuses %j', async (body) => {
  expect((await post(ana, body)).status).toBe(400);
});
