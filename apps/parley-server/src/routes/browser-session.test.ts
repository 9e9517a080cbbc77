import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { openDatabase } from '../database.ts';
import { silentLog } from '../log.ts';
import { noteUsed } from '../queries/sessions.ts';
import type { ParleyServer } from '../server.ts';
import { hashSessionToken } from '../sessions.ts';
import { call } from '../testing/client.ts';
import {
  createParleyFixture,
  type ParleyFixture,
  TEST_PASSWORD,
  type TestPerson,
} from '../testing/parley-fixture.ts';
import { openBrowserSocket, openSocket } from '../testing/test-socket.ts';
import { untilReady } from '../testing/until-ready.ts';

/** On a busy machine, too. */
const soon = { timeout: 20_000, interval: 50 };

let parley: ParleyFixture;
let server: ParleyServer;
let maja: TestPerson;

beforeAll(async () => {
  parley = await createParleyFixture();
  server = await parley.startServer();
  await server.app.listen({ port: 0, host: '127.0.0.1' });
  maja = await parley.addPerson('Maja');
});
afterAll(async () => await parley.close());

const origin = 'http://parley.example';
const host = 'parley.example';

/** Logs in as a browser does, and returns the cookie that it then keeps. */
async function logIn(headers: Record<string, string> = {}): Promise<string> {
  const answer = await server.app.inject({
    method: 'POST',
    url: '/v1/login',
    headers: { host, 'user-agent': 'Mozilla/5.0 (X11; Linux x86_64) Firefox/150.0', ...headers },
    payload: { email: maja.email, password: TEST_PASSWORD, cookie: true },
  });
  expect(answer.statusCode).toBe(200);
  expect(answer.json()).toMatchObject({ token: null });
  const [cookie] = [answer.headers['set-cookie']].flat();
  return String(cookie);
}

const kept = (cookie: string): string => cookie.split(';', 1)[0] ?? '';
const ask = async (
  cookie: string,
  method: 'GET' | 'PUT' | 'DELETE',
  url: string,
  headers: Record<string, string> = {},
) =>
  await server.app.inject({
    method,
    url,
    headers: { host, cookie: kept(cookie), ...headers },
    ...(method === 'PUT' ? { payload: {} } : {}),
  });

describe('a session of a browser', () => {
  it('is kept in a cookie that no script can read and no other site sends', async () => {
    const cookie = await logIn();
    expect(cookie).toMatch(/^parley_session=[\w-]{43}; Path=\/; HttpOnly; SameSite=Lax; Max-Age=2592000$/);
    expect((await ask(cookie, 'GET', '/v1/me')).json()).toMatchObject({
      user: { id: maja.id, name: 'Maja' },
    });
  });

  it('changes something only for a page of this server', async () => {
    const cookie = await logIn();
    const change = async (headers: Record<string, string>) =>
      (await ask(cookie, 'PUT', '/v1/me/settings', headers)).statusCode;
    expect(await change({ origin })).toBe(200);
    expect(await change({})).toBe(403);
    expect(await change({ origin: 'https://evil.example' })).toBe(403);
    expect(await change({ origin: 'null' })).toBe(403);
    expect(await change({ origin: 'http://parley.example.evil.example' })).toBe(403);
    // A token is sent by nobody without wanting to.
    expect((await call(server.app, '/v1/me/settings', { method: 'PUT', as: maja, body: {} })).status).toBe(
      200,
    );
  });

  it('is asked behind a proxy as the browser asked the proxy, if that is one to be believed', async () => {
    const proxied = { 'x-forwarded-host': 'chat.example', 'x-forwarded-proto': 'https' };
    const behind = await parley.startServer({ trustedProxies: ['127.0.0.1'] });
    await behind.app.listen({ port: 0, host: '127.0.0.1' });
    const entered = await behind.app.inject({
      method: 'POST',
      url: '/v1/login',
      headers: proxied,
      payload: { email: maja.email, password: TEST_PASSWORD, cookie: true },
    });
    const given = String(entered.headers['set-cookie']);
    expect(given).toContain('; Secure');
    const change = async (app: ParleyServer['app'], from: string) =>
      (
        await app.inject({
          method: 'PUT',
          url: '/v1/me/settings',
          headers: { ...proxied, cookie: kept(given), origin: from },
          payload: {},
        })
      ).statusCode;
    expect(await change(behind.app, 'https://chat.example')).toBe(200);
    expect(await change(behind.app, 'https://evil.example')).toBe(403);
    expect(await change(server.app, 'https://chat.example')).toBe(403);
    const open = async (app: ParleyServer['app'], from: string) =>
      await openBrowserSocket(app, { ...proxied, cookie: kept(given), origin: from });
    (await open(behind.app, 'https://chat.example')).close();
    await expect(open(behind.app, 'https://evil.example')).rejects.toThrow('No valid session');
    await expect(open(server.app, 'https://chat.example')).rejects.toThrow('No valid session');
  });

  it('opens sockets for pages of this server only', async () => {
    const cookie = kept(await logIn());
    const own = await openBrowserSocket(server.app, { cookie, host, origin });
    own.close();
    for (const headers of [
      { cookie, host },
      { cookie, host, origin: 'https://evil.example' },
      { cookie, host, origin: 'null' },
      { host, origin },
      { cookie: 'parley_session=garbage', host, origin },
    ]) {
      await expect(openBrowserSocket(server.app, headers)).rejects.toThrow('No valid session');
    }
  });

  it('is listed with what it was opened with, and ends alone or with all others', async () => {
    const [first, second] = [await logIn(), await logIn({ 'user-agent': 'Phone' })];
    const listed = (await ask(first, 'GET', '/v1/sessions')).json<{
      sessions: { id: string; userAgent: string; current: boolean }[];
    }>();
    expect(listed.sessions[0]).toMatchObject({
      current: true,
      userAgent: expect.stringContaining('Firefox') as string,
    });
    const phone = listed.sessions.find(({ userAgent }) => userAgent === 'Phone');
    expect((await ask(first, 'DELETE', `/v1/sessions/${phone?.id}`, { origin })).statusCode).toBe(204);
    expect((await ask(second, 'GET', '/v1/me')).statusCode).toBe(401);
    const third = await logIn();
    expect((await ask(first, 'DELETE', '/v1/sessions', { origin })).statusCode).toBe(204);
    expect((await ask(third, 'GET', '/v1/me')).statusCode).toBe(401);
    expect((await ask(first, 'GET', '/v1/me')).statusCode).toBe(200);
  });

  it('tells when it was used last, give or take five minutes', async () => {
    const person = await parley.addPerson('Rarely');
    const database = openDatabase({ connectionString: parley.url, log: silentLog });
    onTestFinished(async () => await database.close());
    const ways = [
      async () => void (await call(server.app, '/v1/me', { as: person })),
      async () => await noteUsed(database, [hashSessionToken(person.token) ?? Buffer.alloc(0)]),
    ];
    const lastUsed = async () =>
      (await call<{ sessions: { lastUsedAt: string | null }[] }>(server.app, '/v1/sessions', { as: person }))
        .body.sessions[0]?.lastUsedAt;
    for (const use of ways) {
      await parley.sql(
        'UPDATE parley.sessions SET created_at = now(), last_used_at = NULL WHERE user_id = $1',
        [person.id],
      );
      await use();
      expect(await lastUsed()).toBeNull();
      await parley.sql(
        "UPDATE parley.sessions SET created_at = now() - interval '1 day', last_used_at = now() - interval '6 min' WHERE user_id = $1",
        [person.id],
      );
      const before = Date.parse((await lastUsed()) ?? '');
      await use();
      const after = Date.parse((await lastUsed()) ?? '');
      expect(after - before).toBeGreaterThan(300_000);
      await use();
      expect(Date.parse((await lastUsed()) ?? '')).toBe(after);
    }
  });

  it('takes its cookie back when it ends', async () => {
    const cookie = await logIn();
    const ended = await server.app.inject({
      method: 'POST',
      url: '/v1/logout',
      headers: { host, origin, cookie: kept(cookie) },
    });
    expect(ended.statusCode).toBe(204);
    expect(String(ended.headers['set-cookie'])).toMatch(/^parley_session=;.*Max-Age=0$/);
  });

  it('that ends everywhere closes its sockets on every server at that moment', async () => {
    const other = await parley.startServer();
    const url = await other.app.listen({ port: 0, host: '127.0.0.1' });
    await untilReady(other.app);
    const elsewhere = await parley.addPerson('Elsewhere');
    const { socket, heard } = await openSocket(url, elsewhere);
    const answer = await server.app.inject({
      method: 'POST',
      url: '/v1/login',
      payload: { email: elsewhere.email, password: TEST_PASSWORD },
    });
    const as = { authorization: { authorization: `Bearer ${answer.json<{ token: string }>().token}` } };
    expect((await call(server.app, '/v1/sessions', { method: 'DELETE', as })).status).toBe(204);
    await vi.waitFor(() => expect(socket.connected).toBe(false), soon);
    expect(heard.map(({ event }) => event)).toContain('session_ended');
  });
});

describe('a password', () => {
  it('is changed by who knows it, which ends all other sessions', async () => {
    const person = await parley.addPerson('Changing');
    const change = async (current: string, next: string) =>
      (await call(server.app, '/v1/me/password', { method: 'PUT', as: person, body: { current, next } }))
        .status;
    expect(await change('not my password', 'a new long password')).toBe(403);
    expect(await change(TEST_PASSWORD, 'short')).toBe(400);
    expect(await change(TEST_PASSWORD, 'a new long password')).toBe(204);
    const tryWith = async (password: string) =>
      (await call(server.app, '/v1/login', { method: 'POST', body: { email: person.email, password } }))
        .status;
    expect(await tryWith(TEST_PASSWORD)).toBe(401);
    expect(await tryWith('a new long password')).toBe(200);
  });

  it('that is changed closes the sockets of all other sessions', async () => {
    const person = await parley.addPerson('Shared');
    const body = { email: person.email, password: TEST_PASSWORD };
    const entered = await call<{ token: string }>(server.app, '/v1/login', { method: 'POST', body });
    const [own, other] = [
      await openSocket(server.app, person),
      await openSocket(server.app, { token: entered.body.token }),
    ];
    const change = { current: TEST_PASSWORD, next: 'a new long password' };
    await call(server.app, '/v1/me/password', { method: 'PUT', as: person, body: change });
    await vi.waitFor(() => expect(other.socket.connected).toBe(false), soon);
    expect(own.socket.connected).toBe(true);
    own.close();
  });
});

describe('an account', () => {
  const newcomer = { name: 'Noor Haddad', email: 'Noor@Saltmarsh.Example', password: 'a long walk' };

  it('is by invitation unless the workspace is open to all', async () => {
    const refused = await call(server.app, '/v1/signup', { method: 'POST', body: newcomer });
    expect(refused.status).toBe(403);
  });

  it('is made once for an address, in whatever letters it is written', async () => {
    const open = await parley.startServer({ workspace: { name: 'Saltmarsh', signUp: true } });
    await open.app.ready();
    expect((await call(open.app, '/v1/workspace')).body).toEqual({ name: 'Saltmarsh', signUp: true });
    const made = await call<{ token: string }>(open.app, '/v1/signup', { method: 'POST', body: newcomer });
    expect(made.status).toBe(201);
    const as = { authorization: { authorization: `Bearer ${made.body.token}` } };
    expect((await call(open.app, '/v1/me', { as })).body).toMatchObject({
      user: { name: 'Noor Haddad', title: '' },
    });
    const again = { ...newcomer, email: 'noor@saltmarsh.example' };
    expect((await call(open.app, '/v1/signup', { method: 'POST', body: again })).status).toBe(409);
    expect(
      (await call(open.app, '/v1/signup', { method: 'POST', body: { ...newcomer, email: 'nobody' } })).status,
    ).toBe(400);
    expect(
      (await call(open.app, '/v1/signup', { method: 'POST', body: { ...newcomer, name: '   ' } })).status,
    ).toBe(400);
    expect(
      (await call(open.app, '/v1/signup', { method: 'POST', body: { ...newcomer, password: 'short' } }))
        .status,
    ).toBe(400);
  });
});

describe('a profile', () => {
  it('has a name, a role, and what a page keeps for its person', async () => {
    const person = await parley.addPerson('Priya');
    const change = async (body: object) =>
      (await call(server.app, '/v1/me', { method: 'PATCH', as: person, body })).status;
    expect(await change({ name: ' Priya Raman ', title: 'Release lead' })).toBe(204);
    expect(await change({ title: 'Harbour master' })).toBe(204);
    for (const name of ['  ', '\u200b', '\u202e']) expect(await change({ name })).toBe(400);
    const settings = { theme: 'dark', announced: ['virtual_scrolling'] };
    expect(
      (await call(server.app, '/v1/me/settings', { method: 'PUT', as: person, body: settings })).body,
    ).toEqual({ settings });
    const tooMuch = { text: 'x'.repeat(9_000) };
    expect(
      (await call(server.app, '/v1/me/settings', { method: 'PUT', as: person, body: tooMuch })).status,
    ).toBe(400);
    const deep = `{"deep":${'['.repeat(20_000)}${']'.repeat(20_000)}}`;
    for (const payload of [JSON.stringify({ text: '\u0000' }), JSON.stringify({ '\ud800': 1 }), deep]) {
      const headers = { ...person.authorization, 'content-type': 'application/json' };
      const refused = await server.app.inject({ method: 'PUT', url: '/v1/me/settings', headers, payload });
      expect(refused.statusCode).toBe(400);
    }
    expect((await call(server.app, '/v1/me', { as: person })).body).toMatchObject({
      user: { name: 'Priya Raman', title: 'Harbour master' },
      settings,
    });
  });
});
