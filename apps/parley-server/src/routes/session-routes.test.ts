import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import type { ParleyServer } from '../server.ts';
import { call } from '../testing/client.ts';
import { createDatabaseDoor } from '../testing/database-door.ts';
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
    const statuses: number[] = [];
    // No more at once than may wait for their turn.
    for (let round = 0; round < 2; round += 1) {
      const guesses = Array.from({ length: 7 }, async (_, index) => await login(bo.email, `guess ${index}`));
      for (const guess of guesses) statuses.push((await guess).status);
    }
    expect(statuses.filter((status) => status === 401).length).toBe(10);
    expect(statuses.filter((status) => status === 429).length).toBe(4);
    const refused = await login(bo.email, TEST_PASSWORD);
    expect(refused).toMatchObject({ status: 429, body: { error: { code: 'rate_limited' } } });
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0);
    expect((await login(ana.email, TEST_PASSWORD)).status).toBe(200);
  });
});

describe('behind a proxy', () => {
  /** So many guesses, each from another address, as far as the proxy says so; the last one's status. */
  async function lastOf(guesses: number, trustedProxies: string[]): Promise<number> {
    const { app } = await parley.startServer({ trustedProxies });
    const { email } = await parley.addPerson('Cem');
    let status = 0;
    for (let index = 0; index < guesses; index += 1) {
      const headers = { 'x-forwarded-for': `203.0.113.${index}` };
      const payload = { email, password: 'guess' };
      const answer = await app.inject({ method: 'POST', url: '/v1/login', headers, payload });
      status = answer.statusCode;
    }
    return status;
  }

  it('that is trusted, people are told apart by their own addresses', async () => {
    expect(await lastOf(11, ['127.0.0.0/8'])).toBe(401);
  });

  it('that nobody named, an address is not changed by claiming another one', async () => {
    expect(await lastOf(11, [])).toBe(429);
    expect(await lastOf(11, ['10.0.0.1'])).toBe(429);
  });
});

it('lets log-ins over a network wait for their turn', async () => {
  const { app } = await parley.startServer();
  const url = await app.listen({ port: 0, host: '127.0.0.1' });
  const statuses = Array.from({ length: 12 }, async (_, n) => {
    const body = JSON.stringify({ email: `nobody-${n}@parley.example`, password: 'x' });
    const headers = { 'content-type': 'application/json' };
    return (await fetch(`${url}/v1/login`, { method: 'POST', headers, body })).status;
  });
  expect(new Set(await Promise.all(statuses))).toEqual(new Set([401]));
});

describe('a flood of log-ins', () => {
  type Attempt = { status: number; after: unknown; body: Failure };

  /** Log-ins of people whom nobody knows, all at once; how each was answered. */
  async function flood(
    count: number,
    addressOf: (index: number) => string,
    onAnswer: (attempt: Attempt) => void = () => {},
  ): Promise<Attempt[]> {
    const answers = Array.from({ length: count }, async (_, n) => {
      const payload = { email: `nobody-${n}@parley.example`, password: 'x' };
      const request = { method: 'POST' as const, url: '/v1/login', payload, remoteAddress: addressOf(n) };
      const { statusCode, headers, body } = await first.app.inject(request);
      const attempt = {
        status: statusCode,
        after: headers['retry-after'],
        body: JSON.parse(body) as Failure,
      };
      onAnswer(attempt);
      return attempt;
    });
    return await Promise.all(answers);
  }

  it('is sent away, while others are served', async () => {
    const flooding = flood(160, (n) => `203.0.113.${n}`);
    expect((await call(first.app, '/v1/me', { as: ana })).status).toBe(200);
    const answers = await flooding;
    const unavailable = answers.filter(({ status }) => status === 503);
    // On a slow machine, some of those who were let in find out that it took too long.
    const away = unavailable.filter(({ body }) => body.error.message.startsWith('Too many people'));
    expect(away.length).toBeGreaterThanOrEqual(1);
    expect(away.length).toBeLessThanOrEqual(160 - 102);
    expect(away[0]).toMatchObject({ after: '1', body: { error: { code: 'unavailable' } } });
    expect(answers.filter(({ status }) => status === 401)).toHaveLength(160 - unavailable.length);
    expect((await login(ana.email, TEST_PASSWORD)).status).toBe(200);
  });

  it('from one address keeps nobody out who comes from another one', async () => {
    // Nobody's turn ends before all have come.
    const holder = new pg.Client({ connectionString: parley.directUrl });
    await holder.connect();
    onTestFinished(async () => await holder.end());
    await holder.query('BEGIN; LOCK TABLE auth.users IN ACCESS EXCLUSIVE MODE');
    const [comers, letIn] = [110, 12];
    let sentAway = 0;
    const allSentAway = Promise.withResolvers<void>();
    const answers = flood(
      comers,
      () => '203.0.113.1',
      ({ status }) => {
        if (status === 503) sentAway += 1;
        if (sentAway === comers - letIn) allSentAway.resolve();
      },
    );
    const mine = login(ana.email, TEST_PASSWORD);
    await allSentAway.promise;
    await holder.query('ROLLBACK');
    expect((await mine).status).toBe(200);
    const checked = (await answers).filter(({ status }) => status === 401);
    expect(checked).toHaveLength(letIn);
  });
});

it('refuses who has tried too often before anybody waits or looks anything up for them', async () => {
  const door = await createDatabaseDoor(parley.directUrl);
  const { app } = await parley.startServer({ connectionString: door.url });
  const bo = await parley.addPerson('Bo');
  const guess = async () => {
    const body = { email: ` ${bo.email} `, password: 'guess' };
    return await call<Failure>(app, '/v1/login', { method: 'POST', body });
  };
  for (let attempt = 0; attempt < 10; attempt += 1) expect((await guess()).status).toBe(401);
  await door.shut();
  expect(await guess()).toMatchObject({ status: 429, body: { error: { code: 'rate_limited' } } });
  await app.close();
  await door.close();
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
