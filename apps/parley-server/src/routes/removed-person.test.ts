import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { hashPassword } from '../passwords.ts';
import { removePerson } from '../queries/remove-person.ts';
import { openSession } from '../queries/sessions.ts';
import type { ParleyServer } from '../server.ts';
import { call, send } from '../testing/client.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from '../testing/parley-fixture.ts';

let parley: ParleyFixture;
let app: ParleyServer['app'];
let ana: TestPerson;
let bea: TestPerson;
let channel: string;
const password = 'a good long password';
const queries = {
  query: async <Row>(sql: string, values: unknown[] = []) => (await parley.sql(sql, values)) as Row[],
  close: async () => await Promise.resolve(),
};

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

describe('somebody who is removed', () => {
  it('is out, is called a former member, and leaves what they wrote', async () => {
    expect((await logIn()).statusCode).toBe(200);
    expect(await found('/v1/people?q=maren')).toContain('Bea Marenholz');
    const removed = await removePerson(queries, bea.email.toUpperCase());
    expect(removed).toMatchObject({ id: bea.id, channels: 1 });
    expect(removed?.sessions).toBeGreaterThanOrEqual(2);

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
    expect(await removePerson(queries, bea.id)).toBeUndefined();
    expect(await removePerson(queries, 'nobody@example.org')).toBeUndefined();
  });

  it('keeps a conversation with one person to read, and to write in, for the one who is left', async () => {
    const cai = await parley.addPerson('Cai');
    const body = { kind: 'direct', title: '', memberIds: [cai.id] };
    const made = await call(app, '/v1/conversations', { method: 'POST', as: ana, body });
    const { id } = (made.body as { conversation: { id: string } }).conversation;
    await send(app, cai, id, 'see you');
    await removePerson(queries, cai.id);
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
    expect(await removePerson(queries, 'Dan@example.org')).toMatchObject({ id: large.id });
    expect((await call(app, '/v1/me', { as: small })).status).toBe(200);
    expect(await removePerson(queries, 'Dan@example.org')).toMatchObject({ id: small.id });
  });

  it('gets no session by a log-in that was under way', async () => {
    const eve = await parley.addPerson('Eve');
    await removePerson(queries, eve.id);
    const opened = await openSession(queries, {
      tokenHash: Buffer.alloc(32, 7),
      userId: eve.id,
      userAgent: '',
    });
    expect(opened).toBeUndefined();
  });
});
