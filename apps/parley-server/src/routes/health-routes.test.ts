import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { call } from '../testing/client.ts';
import { createDatabaseDoor, type DatabaseDoor } from '../testing/database-door.ts';
import {
  createParleyFixture,
  type ParleyFixture,
  TEST_PASSWORD,
  type TestPerson,
} from '../testing/parley-fixture.ts';

type Server = Awaited<ReturnType<ParleyFixture['startServer']>>;
type Check = { ok: boolean; tookMs: number };
type Ready = { status: string; checks: { database: Check; cache: Check; realtime: Check } };

let parley: ParleyFixture;
let server: Server;
let door: DatabaseDoor;
let ana: TestPerson;

beforeAll(async () => {
  parley = await createParleyFixture();
  door = await createDatabaseDoor(parley.directUrl);
  server = await parley.startServer({ connectionString: door.url });
  ana = await parley.addPerson('Ana');
});
afterAll(async () => {
  await door.open();
  await parley.close();
  await door.close();
});

const WAIT = { timeout: 10_000, interval: 50 };
const ready = async () => await call<Ready>(server.app, '/readyz');

describe('metrics', () => {
  it('count requests by route and outcome, and time them with an edge at 0.2 s', async () => {
    await call(server.app, '/v1/me', { as: ana });
    await call(server.app, '/v1/me');
    await call(server.app, '/nowhere');
    await ready();
    const { body, headers } = await server.app.inject('/metrics');
    expect(headers['content-type']).toContain('application/openmetrics-text; version=1.0.0');
    expect(body).toContain('parley_requests_total{route="/v1/me",method="GET",outcome="ok"} 1');
    expect(body).toContain('parley_requests_total{route="/v1/me",method="GET",outcome="client_error"} 1');
    expect(body).toContain('parley_requests_total{route="unmatched",method="GET",outcome="client_error"} 1');
    expect(body).toMatch(/parley_request_duration_seconds_bucket\{le="0\.2",route="\/v1\/me"\} \d/);
    expect(body).toContain('parley_cache_lookups_total{result="hit"} 0');
    expect(body).toContain('parley_sockets 0');
    expect(body).toContain('parley_flag_document_revision 0');
    expect(body).not.toContain('readyz');
    expect(body.trimEnd().endsWith('# EOF')).toBe(true);
  });

  it('show the revision of the flags', async () => {
    await server.app.ready();
    server.flags.publish([]);
    server.flags.publish([], 10);
    expect((await server.app.inject('/metrics')).body).toContain('parley_flag_document_revision 2');
  });
});

describe('answers', () => {
  it('forbid browsers to run, frame or guess anything', async () => {
    const { headers } = await server.app.inject('/livez');
    expect(headers['content-security-policy']).toBe("default-src 'none';frame-ancestors 'none'");
    expect(headers['x-content-type-options']).toBe('nosniff');
    expect(headers['referrer-policy']).toBe('no-referrer');
  });

  it('to what is wrong name the place and what was expected, and nothing from inside', async () => {
    const post = async (payload: string, type = 'application/json') => {
      const headers = { ...ana.authorization, 'content-type': type };
      const { statusCode, body } = await server.app.inject({
        method: 'POST',
        url: '/v1/conversations',
        headers,
        payload,
      });
      expect(body).not.toMatch(/at .*\.ts|SELECT|INSERT/);
      return { status: statusCode, ...(JSON.parse(body) as { error: Record<string, unknown> }).error };
    };
    expect(await post('{')).toMatchObject({ status: 400, code: 'invalid' });
    expect(await post('a=b', 'application/x-www-form-urlencoded')).toMatchObject({
      status: 400,
      field: 'content-type',
    });
    expect(await post('hello', 'text/plain')).toMatchObject({ status: 400, field: 'content-type' });
    expect(await post('{"kind":"party","title":"x"}')).toMatchObject({
      status: 400,
      code: 'invalid',
      field: 'kind',
    });
    expect(await post('{"kind":"channel","title":"x","memberIds":["me"]}')).toMatchObject({
      field: 'memberIds.0',
    });
    expect(await post(`"${'x'.repeat(70_000)}"`)).toMatchObject({ status: 413, code: 'too_large' });
    expect(await post('{"__proto__":{"kind":"channel"}}')).toMatchObject({ status: 400, code: 'invalid' });
    const unknown = await call<{ error: { code: string } }>(
      server.app,
      '/v1/conversations/not-a-uuid/messages',
      { as: ana },
    );
    expect(unknown).toMatchObject({ status: 400, body: { error: { code: 'invalid', field: 'id' } } });
  });
});

describe('readiness', () => {
  it('is there when database, cache and realtime are', async () => {
    // It takes a database that answers within 100 ms, which a busy machine may miss once.
    const { body } = await vi.waitFor(async () => {
      const answer = await ready();
      expect(answer.status).toBe(200);
      return answer;
    }, WAIT);
    expect(body).toMatchObject({
      status: 'ok',
      checks: { database: { ok: true }, cache: { ok: true }, realtime: { ok: true } },
    });
    expect(body.checks.database.tookMs).toBeLessThanOrEqual(100);
  });

  it('needs our table, not just a database that answers', async () => {
    await parley.sql('ALTER TABLE health RENAME TO health_away');
    expect(await ready()).toMatchObject({
      status: 503,
      body: { checks: { database: { ok: false }, cache: { ok: true } } },
    });
    await parley.sql('ALTER TABLE health_away RENAME TO health');
    await vi.waitFor(async () => expect((await ready()).status).toBe(200), WAIT);
  });

  it('goes while the database is down: requests get 503 with Retry-After, and all comes back by itself', async () => {
    await door.shut();
    const away = await call<{ error: { code: string } }>(server.app, '/v1/me', { as: ana });
    expect(away).toMatchObject({ status: 503, body: { error: { code: 'unavailable' } } });
    expect(away.headers['retry-after']).toBe('1');
    await vi.waitFor(async () => {
      const checks = { database: { ok: false }, cache: { ok: true }, realtime: { ok: false } };
      expect(await ready()).toMatchObject({ status: 503, body: { status: 'unavailable', checks } });
    }, WAIT);
    expect((await call(server.app, '/livez')).status).toBe(200);
    // More often than a wrong password may be tried: it is not the person who failed.
    const login = { method: 'POST' as const, body: { email: ana.email, password: TEST_PASSWORD } };
    for (let attempt = 0; attempt < 12; attempt += 1) {
      expect((await call(server.app, '/v1/login', login)).status).toBe(503);
    }
    await door.open();
    await vi.waitFor(async () => expect((await ready()).status).toBe(200), WAIT);
    expect((await call(server.app, '/v1/me', { as: ana })).status).toBe(200);
    expect((await call(server.app, '/v1/login', login)).status).toBe(200);
  });

  it('goes while the database does not answer, within about a second', async () => {
    door.stall();
    const startedAt = performance.now();
    const checks = { database: { ok: false }, cache: { ok: true }, realtime: { ok: false } };
    expect(await ready()).toMatchObject({ status: 503, body: { checks } });
    expect(performance.now() - startedAt).toBeLessThan(5_000);
    expect((await call(server.app, '/v1/me', { as: ana })).status).toBe(503);
    await door.open();
    await vi.waitFor(async () => expect((await ready()).status).toBe(200), {
      timeout: 20_000,
      interval: 100,
    });
    expect((await call(server.app, '/v1/me', { as: ana })).status).toBe(200);
  });
});
