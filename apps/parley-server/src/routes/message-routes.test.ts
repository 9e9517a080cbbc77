import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { PageAnswer } from '../message-page.ts';
import type { Message } from '../queries/message-row.ts';
import type { ParleyServer } from '../server.ts';
import { type Answer, call, send } from '../testing/client.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from '../testing/parley-fixture.ts';

let parley: ParleyFixture;
let first: ParleyServer;
let second: ParleyServer;
let ana: TestPerson;
let bo: TestPerson;

beforeAll(async () => {
  parley = await createParleyFixture();
  first = await parley.startServer();
  second = await parley.startServer();
  ana = await parley.addPerson('Ana');
  bo = await parley.addPerson('Bo');
});
afterAll(async () => await parley.close());

type Sent = { message: Message };

const page = async (conversation: string, query: string, as = bo): Promise<PageAnswer> => {
  const answer = await call<PageAnswer>(first.app, `/v1/conversations/${conversation}/messages?${query}`, {
    as,
  });
  expect(answer.status).toBe(200);
  return answer.body;
};
const seqs = ({ messages }: PageAnswer): number[] => messages.map(({ seq }) => seq);

describe('sending', () => {
  it('numbers messages without gaps and moves the read mark of who wrote', async () => {
    const general = await parley.addConversation([ana, bo]);
    expect((await send(first.app, ana, general, 'one')).seq).toBe(1);
    expect((await send(second.app, bo, general, 'two')).seq).toBe(2);
    const marks = await parley.sql(
      'SELECT user_id, last_read_seq::int FROM conversation_participants WHERE conversation_id = $1',
      [general],
    );
    expect(marks).toContainEqual({ user_id: ana.id, last_read_seq: 1 });
    expect(marks).toContainEqual({ user_id: bo.id, last_read_seq: 2 });
  });

  it('stores a message once when two processes get it at the same moment, many times over', async () => {
    const general = await parley.addConversation([ana]);
    for (let round = 0; round < 20; round += 1) {
      const body = { clientId: `twice-${round}`, body: `round ${round}` };
      const request = { method: 'POST' as const, as: ana, body };
      const url = `/v1/conversations/${general}/messages`;
      const answers: Answer<Sent>[] = await Promise.all(
        [first, second, first, second].map(async ({ app }) => await call<Sent>(app, url, request)),
      );
      expect(answers.map(({ status }) => status).toSorted((a, b) => a - b)).toEqual([200, 200, 200, 201]);
      expect(new Set(answers.map((answer) => answer.body.message.id)).size).toBe(1);
      expect(answers[0]?.body.message.seq).toBe(round + 1);
    }
    const stored = await parley.sql(
      'SELECT count(*)::int AS n, max(seq)::int AS top FROM messages WHERE conversation_id = $1',
      [general],
    );
    expect(stored).toEqual([{ n: 20, top: 20 }]);
  });

  it('answers in the order of writing: times and numbers grow together under concurrency', async () => {
    const general = await parley.addConversation([ana, bo]);
    const sends = Array.from({ length: 60 }, async (_, index) => {
      const { app } = index % 2 === 0 ? first : second;
      return await send(app, index % 3 === 0 ? ana : bo, general, `message ${index}`);
    });
    await Promise.all(sends);
    const rows = await parley.sql(
      'SELECT seq::int, created_at FROM messages WHERE conversation_id = $1 ORDER BY created_at, seq',
      [general],
    );
    expect(rows.map((row) => row['seq'])).toEqual(Array.from({ length: 60 }, (_, index) => index + 1));
  });

  it('shows the client id to its sender only', async () => {
    const general = await parley.addConversation([ana, bo]);
    const { clientId } = await send(first.app, ana, general, 'mine');
    expect(clientId).toMatch(/^test-/);
    expect((await page(general, '', ana)).messages[0]?.clientId).toBe(clientId);
    expect((await page(general, '', bo)).messages[0]?.clientId).toBeNull();
  });

  it('takes an answer only to a message of the same conversation', async () => {
    const general = await parley.addConversation([ana]);
    const other = await parley.addConversation([ana]);
    const parent = await send(first.app, ana, other, 'elsewhere');
    const post = async (conversation: string) =>
      await call<Sent & { error: { field: string } }>(
        first.app,
        `/v1/conversations/${conversation}/messages`,
        {
          method: 'POST',
          as: ana,
          body: { clientId: `thread-${conversation}`, body: 'an answer', threadId: parent.id },
        },
      );
    const refused = await post(general);
    expect(refused.status).toBe(400);
    expect(refused.body.error.field).toBe('threadId');
    expect((await post(other)).body.message.threadId).toBe(parent.id);
    expect((await page(general, '', ana)).lastSeq).toBe(0);
  });

  it('refuses a client id that was used in another conversation', async () => {
    const general = await parley.addConversation([ana]);
    const other = await parley.addConversation([ana]);
    const request = { method: 'POST' as const, as: ana, body: { clientId: 'once-only', body: 'hello' } };
    expect((await call(first.app, `/v1/conversations/${general}/messages`, request)).status).toBe(201);
    expect((await call(first.app, `/v1/conversations/${other}/messages`, request)).status).toBe(409);
  });

  it('keeps any script as it was written, and refuses what Postgres cannot keep', async () => {
    const general = await parley.addConversation([ana]);
    const body = 'Grüße, Ελλάδα, привет, שלום, مرحبا, नमस्ते, 日本語, 한국어 🚇\n```\ncode "quoted" \\n\n```';
    expect((await send(first.app, ana, general, body)).body).toBe(body);
    expect((await page(general, '', ana)).messages[0]?.body).toBe(body);
    for (const [clientId, bad] of Object.entries({
      nul: 'a\u0000b',
      half: 'a\uD83D',
      empty: '',
      long: 'x'.repeat(16_001),
    })) {
      const answer = await call<{ error: { code: string; field: string } }>(
        first.app,
        `/v1/conversations/${general}/messages`,
        { method: 'POST', as: ana, body: { clientId, body: bad } },
      );
      expect(answer.status).toBe(400);
      expect(answer.body.error).toMatchObject({ code: 'invalid', field: 'body' });
    }
  });
});

describe('paging', () => {
  it('says what lies beyond each page', async () => {
    const general = await parley.addConversation([ana, bo]);
    expect(await page(general, '')).toMatchObject({
      messages: [],
      lastSeq: 0,
      hasMoreBefore: false,
      hasMoreAfter: false,
      window: null,
    });
    for (let index = 1; index <= 10; index += 1) await send(first.app, ana, general, `message ${index}`);
    const newest = await page(general, 'limit=4');
    expect(seqs(newest)).toEqual([7, 8, 9, 10]);
    expect(newest).toMatchObject({ lastSeq: 10, hasMoreBefore: true, hasMoreAfter: false });
    const middle = await page(general, 'limit=4&before=7');
    expect(seqs(middle)).toEqual([3, 4, 5, 6]);
    expect(middle).toMatchObject({ hasMoreBefore: true, hasMoreAfter: true });
    expect(seqs(await page(general, 'limit=4&before=3'))).toEqual([1, 2]);
    expect(await page(general, 'before=1')).toMatchObject({
      messages: [],
      hasMoreBefore: false,
      hasMoreAfter: true,
    });
    expect(await page(general, 'after=10')).toMatchObject({
      messages: [],
      hasMoreBefore: true,
      hasMoreAfter: false,
    });
    expect(seqs(await page(general, 'after=8'))).toEqual([9, 10]);
  });

  it('finds no gap and nothing twice, in either direction, while others write', async () => {
    const general = await parley.addConversation([ana, bo]);
    for (let index = 1; index <= 50; index += 1) await send(first.app, ana, general, `before ${index}`);
    const writing = (async () => {
      for (let index = 1; index <= 60; index += 1) await send(second.app, ana, general, `meanwhile ${index}`);
    })();
    const backwards: number[] = [];
    let answer = await page(general, 'limit=7');
    const top = answer.messages.at(-1)?.seq ?? 0;
    for (;;) {
      backwards.unshift(...seqs(answer));
      if (!answer.hasMoreBefore) break;
      answer = await page(general, `limit=7&before=${backwards[0]}`);
    }
    expect(backwards).toEqual(Array.from({ length: top }, (_, index) => index + 1));
    const forwards: number[] = [];
    const follow = async (): Promise<void> => {
      let next: PageAnswer;
      do {
        next = await page(general, `limit=7&after=${forwards.at(-1) ?? 0}`);
        forwards.push(...seqs(next));
      } while (next.hasMoreAfter);
    };
    await follow();
    await writing;
    await follow();
    expect(forwards).toEqual(Array.from({ length: 110 }, (_, index) => index + 1));
  });

  it.each([
    'limit=0',
    'limit=201',
    'limit=x',
    'before=-1',
    'after=1.5',
    'before=3&after=2',
    'around=1&after=1',
  ])('refuses %s', async (query) => {
    const general = await parley.addConversation([bo]);
    const answer = await call<{ error: { code: string } }>(
      first.app,
      `/v1/conversations/${general}/messages?${query}`,
      { as: bo },
    );
    expect(answer.status).toBe(400);
    expect(answer.body.error.code).toBe('invalid');
  });
});
