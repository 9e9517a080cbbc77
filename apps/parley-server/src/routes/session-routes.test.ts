import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ParleyServer } from '../server.ts';
import { call } from '../testing/client.ts';
import {
  createParleyFixture,
  type ParleyFixture,
  TEST_PASSWORD,
  type TestPerson,
} from '../testing/parley-fixture.ts';

let parley: ParleyFixture;
let first: ParleyServer;
let second: ParleyServer;
let ana: TestPerson;

beforeAll(async () => {
  parley = await createParleyFixture();
  first = await parley.startServer();
  second = await parley.startServer();
  ana = await parley.addPerson('Ana');
});
afterAll(async () => await parley.close());

type Login = {
  token: string;
  expiresAt: string;
  user: { id: string; name: string; email: string };
  serverTimeMs: number;
};
type Failure = { error: { code: string; message: string } };

const login = async (email: string, password: string) =>
  await call<Login & Failure>(first.app, '/v1/login', { method: 'POST', body: { email, password } });
const me = async (token: string, { app } = first) =>
  await call<{ user: { id: string }; flags: object }>(app, '/v1/me', {
    as: { authorization: { authorization: `Bearer ${token}` } },
  });

describe('logging in', () => {
  it('gives a token that works with every process, for thirty days', async () => {
    const { status, body } = await login(ana.email.toUpperCase(), TEST_PASSWORD);
    expect(status).toBe(200);
    expect(body.user).toEqual({ id: ana.id, name: 'Ana', email: ana.email });
    expect(Math.abs(body.serverTimeMs - Date.now())).toBeLessThan(10_000);
    const days = (Date.parse(body.expiresAt) - body.serverTimeMs) / 86_400_000;
    expect(days).toBeCloseTo(30, 3);
    expect((await me(body.token, second)).body.user.id).toBe(ana.id);
  });

  it('stores neither the token nor the password', async () => {
    const { body } = await login(ana.email, TEST_PASSWORD);
    const [row] = await parley.sql(
      `SELECT (SELECT string_agg(s::text, ' ') FROM parley.sessions s) || (SELECT string_agg(u::text, ' ') FROM auth.users u) AS everything`,
    );
    const everything = String(row?.['everything']);
    expect(everything).toContain(ana.id);
    expect(everything).not.toContain(body.token);
    expect(everything).not.toContain(Buffer.from(body.token, 'base64url').toString('hex'));
    expect(everything).not.toContain(TEST_PASSWORD);
  });

  it('answers the same for a wrong password, an unknown address and a person without a password', async () => {
    const silent = await parley.addPerson('Silent');
    await parley.sql('UPDATE auth.users SET encrypted_password = NULL WHERE id = $1', [silent.id]);
    const wrong = await login(ana.email, 'wrong');
    const unknown = await login('nobody@parley.example', 'wrong');
    const without = await login(silent.email, '');
    expect(wrong.status).toBe(401);
    expect(unknown).toMatchObject({ status: 401, body: wrong.body });
    expect((await login(silent.email, 'x')).body).toEqual(wrong.body);
    expect(without.status).toBe(400);
  });

  it('slows down who guesses, without locking others out', async () => {
    const bo = await parley.addPerson('Bo');
    const guesses = await Promise.all(
      Array.from({ length: 14 }, async (_, index) => await login(bo.email, `guess ${index}`)),
    );
    const statuses = guesses.map(({ status }) => status);
    expect(statuses.filter((status) => status === 401).length).toBe(10);
    expect(statuses.filter((status) => status === 429).length).toBe(4);
    const refused = await login(bo.email, TEST_PASSWORD);
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'rate_limited' } } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await login(ana.email, TEST_PASSWORD)).status).toBe(200);
  });
});

it('sends a flood of log-ins away, while others are served', async () => {
  const answers = Array.from({ length: 160 }, async (_, n) => await login(`nobody-${n}@parley.example`, 'x'));
  expect((await call(first.app, '/v1/me', { as: ana })).status).toBe(200);
  const flood = await Promise.all(answers);
  const away = flood.filter(({ status }) => status === 503);
  expect(away.length).toBeGreaterThanOrEqual(1);
  expect(away.length).toBeLessThanOrEqual(160 - 102);
  expect(away[0]).toMatchObject({
    headers: { 'retry-after': '1' },
    body: { error: { code: 'unavailable' } },
  });
  expect(flood.filter(({ status }) => status === 401)).toHaveLength(160 - away.length);
  expect((await login(ana.email, TEST_PASSWORD)).status).toBe(200);
});

describe('the end of a session', () => {
  it('holds for every process at once', async () => {
    const { token } = (await login(ana.email, TEST_PASSWORD)).body;
    const as = { authorization: { authorization: `Bearer ${token}` } };
    expect((await call(first.app, '/v1/logout', { method: 'POST', as })).status).toBe(204);
    expect((await me(token, second)).status).toBe(401);
    expect((await me(token, first)).status).toBe(401);
    expect((await call(first.app, '/v1/logout', { method: 'POST', as })).status).toBe(401);
  });

  it('leaves nothing behind: what has expired goes when its owner logs in again', async () => {
    const bo = await parley.addPerson('Bo');
    await login(bo.email, TEST_PASSWORD);
    await parley.sql('UPDATE parley.sessions SET expires_at = now() WHERE user_id = $1', [bo.id]);
    expect((await login(bo.email, TEST_PASSWORD)).status).toBe(200);
    const left = await parley.sql(
      'SELECT expires_at > now() AS valid FROM parley.sessions WHERE user_id = $1',
      [bo.id],
    );
    expect(left).toEqual([{ valid: true }]);
  });

  it('comes by itself when it expires', async () => {
    const { token } = (await login(ana.email, TEST_PASSWORD)).body;
    expect((await me(token)).status).toBe(200);
    await parley.sql('UPDATE parley.sessions SET expires_at = now() WHERE user_id = $1', [ana.id]);
    expect((await me(token)).status).toBe(401);
  });
});
