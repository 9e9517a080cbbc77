import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { hashPassword } from '../passwords.ts';
import { setPasswords } from '../queries/invite-people.ts';
import { removePerson } from '../queries/remove-person.ts';
import { openSession } from '../queries/sessions.ts';
import type { ParleyServer } from '../server.ts';
import { hashSessionToken } from '../sessions.ts';
import { call, send } from '../testing/client.ts';
import {
  createParleyFixture,
  type ParleyFixture,
  TEST_PASSWORD,
  type TestPerson,
} from '../testing/parley-fixture.ts';

let parley: ParleyFixture;
let app: ParleyServer['app'];
let ana: TestPerson;
let bea: TestPerson;
let channel: string;
const password = 'a good long password';
const queriesOf = (fixture: Pick<ParleyFixture, 'sql'>) => ({
  query: async <Row>(text: string, values: unknown[] = []) => (await fixture.sql(text, values)) as Row[],
  close: async () => await Promise.resolve(),
});

async function connect(): Promise<pg.Client> {
  const client = new pg.Client({ connectionString: parley.url });
  await client.connect();
  return client;
}
async function removed(who: string): Promise<Awaited<ReturnType<typeof removePerson>>> {
  const client = await connect();
  try {
    return await removePerson(client, who);
  } finally {
    await client.end();
  }
}
async function connectForTest(): Promise<pg.Client> {
  const client = await connect();
  onTestFinished(async () => await client.end());
  return client;
}
const waiting = async (howMany: number) =>
  await vi.waitFor(
    async () =>
      expect(
        await parley.sql(
          "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()",
        ),
      ).toHaveLength(howMany),
    { timeout: 4_000 },
  );

beforeAll(async () => {
  parley = await createParleyFixture();
  ({ app } = await parley.startServer());
  await app.ready();
  ana = await parley.addPerson('Ana');
  bea = await parley.addPerson('Bea Marenholz');
  channel = await parley.addConversation([ana, bea]);
  await parley.sql('UPDATE auth.users SET encrypted_password = $1 WHERE id = $2', [
    await hashPassword(password),
    bea.id,
  ]);
  await send(app, bea, channel, 'I was here');
});
afterAll(async () => await parley.close());

const logIn = async () =>
  await app.inject({ method: 'POST', url: '/v1/login', payload: { email: bea.email, password } });
const found = async (path: string) => JSON.stringify((await call(app, path, { as: ana })).body);

const asked = async (what: string, as: TestPerson, body?: object): Promise<number> => {
  const [method, path] = what.split(' ') as ['POST' | 'PUT' | 'PATCH', string];
  return (await call(app, path, { method, as, ...(body === undefined ? {} : { body }) })).status;
};

/** What is asked for when the removal holds the person's row, and waits itself. */
async function askedWhileRemoved(person: TestPerson, ask: () => Promise<number>[]): Promise<number[]> {
  await parley.addConversation([person], 'left by the removal');
  const [holder, remover] = [await connectForTest(), await connectForTest()];
  await holder.query('BEGIN');
  await holder.query('SELECT FROM conversation_participants WHERE user_id = $1 FOR UPDATE', [person.id]);
  const removal = removePerson(remover, person.id);
  await waiting(1);
  const answers = ask();
  await waiting(1 + answers.length);
  await holder.query('ROLLBACK');
  expect(await removal).toMatchObject({ id: person.id, channels: 1 });
  return await Promise.all(answers);
}

const NOTHING = [{ places: 0, profiles: 0, ratings: 0, sessions: 0 }];
const leftOf = async ({ id }: TestPerson) =>
  await parley.sql(
    `SELECT (SELECT count(*) FROM conversation_participants WHERE user_id = $1)::int AS places,
      (SELECT count(*) FROM parley.profiles WHERE user_id = $1)::int AS profiles,
      (SELECT count(*) FROM parley.ratings WHERE user_id = $1)::int AS ratings,
      (SELECT count(*) FROM parley.sessions WHERE user_id = $1 AND revoked_at IS NULL)::int AS sessions`,
    [id],
  );

describe('somebody who is removed', () => {
  it('is out, is called a former member, and leaves what they wrote', async () => {
    expect((await logIn()).statusCode).toBe(200);
    expect(await found('/v1/people?q=maren')).toContain('Bea Marenholz');
    const gone = await removed(bea.email.toUpperCase());
    expect(gone).toMatchObject({ id: bea.id, channels: 1 });
    expect(gone?.sessions).toBeGreaterThanOrEqual(2);

    expect((await call(app, '/v1/me', { as: bea })).status).toBe(401);
    expect((await logIn()).statusCode).toBe(401);
    expect(await found('/v1/people?q=maren')).not.toContain(bea.id);
    expect(await found('/v1/people?q=former')).not.toContain(bea.id);
    const page = await found(`/v1/conversations/${channel}/messages`);
    expect(page).toContain('I was here');
    expect(page).toContain('Former member');
    const everywhere = await parley.sql(
      `SELECT (SELECT u::text FROM auth.users u WHERE id = $1) || (SELECT count(*) FROM parley.profiles WHERE user_id = $1) AS all`,
      [bea.id],
    );
    expect(JSON.stringify(everywhere)).not.toMatch(/marenholz|@/i);
  });

  it('is brought into no channel again, and cannot be removed twice', async () => {
    const again = { method: 'POST', as: ana, body: { userIds: [bea.id] } } as const;
    await call(app, `/v1/conversations/${channel}/members`, again);
    expect(await found(`/v1/conversations/${channel}/members`)).not.toContain(bea.id);
    for (const body of [
      { kind: 'channel', title: 'new', memberIds: [bea.id] },
      { kind: 'direct', title: '', memberIds: [bea.id] },
    ]) {
      const made = await call(app, '/v1/conversations', { method: 'POST', as: ana, body });
      expect(JSON.stringify(made.body)).toContain(bea.id);
      expect(made.status).toBeGreaterThanOrEqual(400);
    }
    expect(await removed(bea.id)).toBeUndefined();
    expect(await removed('nobody@example.org')).toBeUndefined();
  });

  it('keeps a conversation with one person to read, and to write in, for the one who is left', async () => {
    const cai = await parley.addPerson('Cai');
    const body = { kind: 'direct', title: '', memberIds: [cai.id] };
    const made = await call(app, '/v1/conversations', { method: 'POST', as: ana, body });
    const { id } = (made.body as { conversation: { id: string } }).conversation;
    await send(app, cai, id, 'see you');
    await removed(cai.id);
    expect(await found(`/v1/conversations/${id}/messages`)).toContain('see you');
    expect(await found('/v1/conversations')).toContain(id);
    expect((await call(app, '/v1/conversations', { method: 'POST', as: ana, body })).body).toMatchObject({
      conversation: { id },
    });
  });

  it('is the one who would log in with that address, where two addresses differ in their case alone', async () => {
    const [small, large] = [await parley.addPerson('Small'), await parley.addPerson('Large')];
    await parley.sql(`UPDATE auth.users SET email = 'dan@example.org' WHERE id = $1`, [small.id]);
    await parley.sql(`UPDATE auth.users SET email = 'Dan@example.org' WHERE id = $1`, [large.id]);
    expect(await removed('Dan@example.org')).toMatchObject({ id: large.id });
    expect((await call(app, '/v1/me', { as: small })).status).toBe(200);
    expect(await removed('Dan@example.org')).toMatchObject({ id: small.id });
  });

  it('is notified of nothing, where they are mentioned in a conversation that stays with the others', async () => {
    const [fay, gus] = [await parley.addPerson('Fay'), await parley.addPerson('Gus')];
    const body = { kind: 'direct', title: '', memberIds: [fay.id, gus.id] };
    const made = await call(app, '/v1/conversations', { method: 'POST', as: ana, body });
    const { id } = (made.body as { conversation: { id: string } }).conversation;
    await removed(fay.id);
    await send(app, ana, id, `<@${fay.id}> and <@${gus.id}>`);
    const notified = await parley.sql(
      'SELECT user_id FROM parley.notifications WHERE conversation_id = $1 ORDER BY user_id',
      [id],
    );
    expect(notified).toEqual([{ user_id: gus.id }]);
  });

  it('gets no password by an invitation that was under way, nor does anybody else by it', async () => {
    const [hal, ivy] = [await parley.addPerson('Hal'), await parley.addPerson('Ivy')];
    await removed(hal.id);
    const invited = [hal, ivy].map(({ id, email }) => ({ id, email, hash: 'new' }));
    await expect(setPasswords(queriesOf(parley), invited)).rejects.toThrow(/1 of 2 people/);
    const stored = await parley.sql(
      'SELECT email, encrypted_password FROM auth.users WHERE id = ANY ($1::uuid[]) ORDER BY email NULLS FIRST',
      [[hal.id, ivy.id]],
    );
    expect(stored[0]).toEqual({ email: null, encrypted_password: null });
    expect(stored[1]).toMatchObject({ email: ivy.email });
    expect(stored[1]?.['encrypted_password']).not.toBe('new');
    expect((await call(app, '/v1/me', { as: ivy })).status).toBe(200);
  });

  it('loses the session of a log-in, and the place in a channel, that came right before', async () => {
    const joe = await parley.addPerson('Joe');
    const [first, second] = [await connectForTest(), await connectForTest()];
    const sql = async (text: string, values: unknown[] = []) => (await first.query(text, values)).rows;
    const tokenHash = hashSessionToken('j'.repeat(43)) ?? Buffer.alloc(0);
    await first.query('BEGIN');
    expect(await openSession(queriesOf({ sql }), { tokenHash, userId: joe.id, userAgent: '' })).toBeDefined();
    await first.query(
      'INSERT INTO public.conversation_participants (conversation_id, user_id) VALUES ($1, $2)',
      [channel, joe.id],
    );
    const removal = removePerson(second, joe.id);
    await waiting(1);
    await first.query('COMMIT');
    expect(await removal).toEqual({ id: joe.id, channels: 1, sessions: 2 });
    expect(await found(`/v1/conversations/${channel}/members`)).not.toContain(joe.id);
  });

  it('comes in nowhere, and changes nothing, while the removal is under way', async () => {
    const kim = await parley.addPerson('Kim');
    const joinable = await parley.addConversation([ana], 'joinable');
    await parley.sql('UPDATE conversations SET joinable = true WHERE id = $1', [joinable]);
    const payload = { email: kim.email, password: TEST_PASSWORD };
    const created = { kind: 'channel', title: 'new', memberIds: [kim.id] };
    const answers = await askedWhileRemoved(kim, () => [
      app.inject({ method: 'POST', url: '/v1/login', payload }).then(({ statusCode }) => statusCode),
      asked('PATCH /v1/me', kim, { name: 'Kim again', title: 'Me' }),
      asked(`POST /v1/conversations/${joinable}/join`, kim),
      asked(`POST /v1/conversations/${channel}/members`, ana, { userIds: [kim.id] }),
      asked('POST /v1/conversations', ana, created),
    ]);
    expect(answers).toEqual([401, 401, 401, 200, 400]);
    expect(await leftOf(kim)).toEqual(NOTHING);
  });

  it('leaves no conversation, settings or rating by what they asked for while the removal was under way', async () => {
    const lea = await parley.addPerson('Lea');
    const answers = await askedWhileRemoved(lea, () => [
      asked('POST /v1/conversations', lea, { kind: 'direct', title: '', memberIds: [ana.id] }),
      asked('PUT /v1/me/settings', lea, { theme: 'dark' }),
      asked('POST /v1/ratings', lea, { feature: 'virtual_scrolling', score: 5 }),
    ]);
    expect(answers).toEqual([401, 401, 401]);
    expect(await leftOf(lea)).toEqual(NOTHING);
  });

  it('gets no session by a log-in that was under way', async () => {
    const eve = await parley.addPerson('Eve');
    await removed(eve.id);
    const session = { tokenHash: Buffer.alloc(32, 7), userId: eve.id, userAgent: '' };
    expect(await openSession(queriesOf(parley), session)).toBeUndefined();
  });
});
