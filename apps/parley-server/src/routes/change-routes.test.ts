import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PageAnswer } from '../message-page.ts';
import type { Message } from '../queries/message-row.ts';
import type { ParleyServer } from '../server.ts';
import { call, send } from '../testing/client.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from '../testing/parley-fixture.ts';

let parley: ParleyFixture;
let first: ParleyServer;
let second: ParleyServer;
let ana: TestPerson;
let bo: TestPerson;
let general: string;

beforeAll(async () => {
  parley = await createParleyFixture();
  first = await parley.startServer();
  second = await parley.startServer();
  ana = await parley.addPerson('Ana');
  bo = await parley.addPerson('Bo');
  general = await parley.addConversation([ana, bo]);
});
afterAll(async () => await parley.close());

type Changed = { message: Message; error: { code: string } };

const edit = async (as: TestPerson, id: string, body: string, { app } = first) =>
  await call<Changed>(app, `/v1/messages/${id}`, { method: 'PATCH', as, body: { body } });
const remove = async (as: TestPerson, id: string, { app } = first) =>
  await call<Changed>(app, `/v1/messages/${id}`, { method: 'DELETE', as });
const version = async (): Promise<number> => {
  const { body } = await call<PageAnswer>(first.app, `/v1/conversations/${general}/messages?limit=1`, {
    as: ana,
  });
  return body.version;
};

describe('editing', () => {
  it('changes the text, counts the edit and makes a new version of the conversation', async () => {
    const { id, seq } = await send(first.app, ana, general, 'teh text');
    const before = await version();
    const { status, body } = await edit(ana, id, 'the text');
    expect(status).toBe(200);
    expect(body.message).toMatchObject({
      id,
      seq,
      body: 'the text',
      editVersion: 1,
      deletedAt: null,
      senderName: 'Ana',
    });
    expect(body.message.editedAt).not.toBeNull();
    expect(await version()).toBe(before + 1);
  });

  it('may be repeated when the answer was lost: the same text changes nothing more', async () => {
    const { id } = await send(first.app, ana, general, 'draft');
    const once = await edit(ana, id, 'final');
    const before = await version();
    expect((await edit(ana, id, 'final')).body).toEqual(once.body);
    expect(await version()).toBe(before);
  });

  it('is for who wrote the message', async () => {
    const { id } = await send(first.app, ana, general, 'hers');
    const { status, body } = await edit(bo, id, 'his');
    expect(status).toBe(403);
    expect(body.error.code).toBe('forbidden');
    expect((await remove(bo, id)).status).toBe(403);
  });

  it('loses nothing when two processes edit at once', async () => {
    const { id } = await send(first.app, ana, general, 'start');
    const answers = await Promise.all(
      Array.from(
        { length: 12 },
        async (_, index) => await edit(ana, id, `text ${index}`, index % 2 === 0 ? first : second),
      ),
    );
    expect(answers.map(({ status }) => status)).toEqual(Array.from({ length: 12 }, () => 200));
    const versions = answers.map(({ body }) => body.message.editVersion).toSorted((a, b) => a - b);
    expect(versions).toEqual(Array.from({ length: 12 }, (_, index) => index + 1));
  });
});

describe('deleting', () => {
  it('leaves a tombstone with its number, and may be repeated', async () => {
    const { id, seq } = await send(first.app, ana, general, 'oops');
    const { status, body } = await remove(ana, id);
    expect(status).toBe(200);
    expect(body.message).toMatchObject({ id, seq, body: '' });
    expect(body.message.deletedAt).not.toBeNull();
    const before = await version();
    const again = await remove(ana, id);
    expect(again.status).toBe(200);
    expect(again.body).toEqual(body);
    expect(await version()).toBe(before);
  });

  it('cannot be edited back', async () => {
    const { id } = await send(first.app, ana, general, 'gone');
    await remove(ana, id);
    const { status, body } = await edit(ana, id, 'back');
    expect(status).toBe(409);
    expect(body.error.code).toBe('conflict');
  });

  it('wins over an edit at the same moment, whichever comes first', async () => {
    for (let round = 0; round < 10; round += 1) {
      const { id } = await send(first.app, ana, general, 'contested');
      const [edited, removed] = await Promise.all([edit(ana, id, 'edited', first), remove(ana, id, second)]);
      expect([200, 409]).toContain(edited.status);
      expect(removed.status).toBe(200);
      expect((await remove(ana, id)).body.message.body).toBe('');
    }
  });
});
