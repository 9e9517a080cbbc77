import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { FEATURES, type FeatureFlags } from '../features.ts';
import type { PageAnswer } from '../message-page.ts';
import type { Message } from '../queries/message-row.ts';
import type { ParleyServer } from '../server.ts';
import { call, send } from '../testing/client.ts';
import {
  createParleyFixture,
  type ParleyFixture,
  type TestFlags,
  type TestPerson,
} from '../testing/parley-fixture.ts';

let parley: ParleyFixture;
let server: ParleyServer;
let flags: TestFlags;
let ana: TestPerson;
let bo: TestPerson;
let general: string;

beforeAll(async () => {
  parley = await createParleyFixture();
  ({ flags, ...server } = await parley.startServer());
  await server.app.ready();
  ana = await parley.addPerson('Ana');
  bo = await parley.addPerson('Bo');
  general = await parley.addConversation([ana, bo], 'general');
  for (let index = 1; index <= 30; index += 1) await send(server.app, ana, general, `tram number ${index}`);
});
afterAll(async () => await parley.close());

const get = async <Body>(url: string, as = ana): Promise<Body> => {
  const answer = await call<Body>(server.app, url, { as });
  expect(answer.status).toBe(200);
  return answer.body;
};
const fallbacks = async (): Promise<string> => (await server.app.inject('/metrics')).body;

const CREATE_TABLES = `
CREATE TABLE user_keys (
  user_id UUID PRIMARY KEY REFERENCES auth.users(id),
  public_key TEXT NOT NULL, key_version INTEGER DEFAULT 1,
  created_at TIMESTAMPTZ DEFAULT NOW(), rotated_at TIMESTAMPTZ
);
CREATE TABLE audit_logs (
  id UUID PRIMARY KEY DEFAULT gen_random_uuid(), user_id UUID REFERENCES auth.users(id),
  action TEXT NOT NULL, resource TEXT NOT NULL, details JSONB, ip_address INET, user_agent TEXT,
  created_at TIMESTAMPTZ DEFAULT NOW()
);
ALTER TABLE messages ADD COLUMN body_search tsvector;
UPDATE messages SET body_search = to_tsvector('simple', body)`;

const keyOf = (byte: number): string => Buffer.alloc(32, byte).toString('base64');
const publish = async (publicKey: string) =>
  await call<{ published: boolean; keyVersion: number | null; reason?: string }>(server.app, '/v1/keys', {
    method: 'PUT',
    as: ana,
    body: { publicKey },
  });
const askRecap = async (agent = 'recap') =>
  await call<{
    agent: { id: string } | null;
    reply: { text: string; basis: string; messageIds: string[] } | null;
  }>(server.app, `/v1/conversations/${general}/agents/${agent}`, { method: 'POST', as: ana, body: {} });
const reportTiming = async () =>
  await call<{ accepted: number }>(server.app, '/v1/timings', {
    method: 'POST',
    as: ana,
    body: { timings: [{ name: 'conversation_open', durationMs: 120 }] },
  });

describe('with nothing published, everything is as in Batch 1', () => {
  it('has all flags off', async () => {
    const off: FeatureFlags = {
      virtual_scrolling: false,
      e2e_encryption: false,
      multi_agent: false,
      advanced_search: false,
      performance_monitoring: false,
    };
    expect(await get('/v1/flags')).toEqual({ flags: off });
    expect(await get('/v1/me')).toMatchObject({ user: { id: ana.id }, flags: off });
  });

  it('does nothing of Batch 2, and needs none of its tables', async () => {
    expect((await publish(keyOf(1))).body).toEqual({
      published: false,
      keyVersion: null,
      reason: 'feature_off',
    });
    expect(await get('/v1/agents')).toEqual({ agents: [] });
    expect((await askRecap()).body).toEqual({ agent: null, reply: null });
    expect((await reportTiming()).body).toEqual({ accepted: 0 });
    expect(await get<{ mode: string }>('/v1/search?q=TRAM')).toMatchObject({ mode: 'basic' });
    expect(await fallbacks()).not.toMatch(/parley_batch2_fallbacks_total\{/);
  });

  it('answers "around" as the plain page that ends half a page later', async () => {
    const page = await get<PageAnswer>(`/v1/conversations/${general}/messages?around=15&limit=10`);
    expect(page.messages.map(({ seq }) => seq)).toEqual([11, 12, 13, 14, 15, 16, 17, 18, 19, 20]);
    expect(page.window).toBeNull();
  });

  it('finds text whatever its case, the newest first', async () => {
    const { results } = await get<{ results: Message[] }>('/v1/search?q=NUMBER%202&limit=50');
    expect(results.map(({ body }) => body)).toEqual([
      ...Array.from({ length: 10 }, (_, index) => `tram number ${29 - index}`),
      'tram number 2',
    ]);
    expect((await get<{ results: Message[] }>('/v1/search?q=100%25')).results).toEqual([]);
  });
});

describe('with a flag on whose tables are not there', () => {
  it('answers as Batch 1 does, and counts it', async () => {
    flags.publish([FEATURES.E2E_ENCRYPTION, FEATURES.ADVANCED_SEARCH]);
    expect((await publish(keyOf(1))).body).toEqual({
      published: false,
      keyVersion: null,
      reason: 'feature_off',
    });
    expect(await get('/v1/search?q=tram')).toMatchObject({ mode: 'basic' });
    const text = await fallbacks();
    expect(text).toContain('parley_batch2_fallbacks_total{feature="e2e_encryption"} 1');
    expect(text).toContain('parley_batch2_fallbacks_total{feature="advanced_search"} 1');
  });
});

describe('with everything on', () => {
  beforeAll(async () => {
    await parley.sql(CREATE_TABLES);
    flags.publish(Object.values(FEATURES));
  });

  it('tells clients so', async () => {
    const { flags: known } = await get<{ flags: FeatureFlags }>('/v1/flags');
    expect(Object.values(known)).toEqual([true, true, true, true, true]);
  });

  it('gives windows around a message, full also at both ends', async () => {
    const window = { total: 30, firstSeq: 1, lastSeq: 30 };
    const around = async (seq: number): Promise<number[]> => {
      const page = await get<PageAnswer>(`/v1/conversations/${general}/messages?around=${seq}&limit=10`);
      expect(page.window).toEqual(window);
      return page.messages.map((message) => message.seq);
    };
    expect(await around(15)).toEqual([10, 11, 12, 13, 14, 15, 16, 17, 18, 19]);
    expect(await around(1)).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    expect(await around(30)).toEqual([21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
    expect(await around(900)).toEqual([21, 22, 23, 24, 25, 26, 27, 28, 29, 30]);
  });

  it('keeps a published key with its version, and writes key changes to the audit log', async () => {
    expect((await publish(keyOf(1))).body).toEqual({ published: true, keyVersion: 1 });
    expect((await publish(keyOf(1))).body).toEqual({ published: true, keyVersion: 1 });
    expect((await publish(keyOf(2))).body).toEqual({ published: true, keyVersion: 2 });
    const keys = await parley.sql(
      'SELECT public_key, rotated_at IS NOT NULL AS rotated FROM user_keys WHERE user_id = $1',
      [ana.id],
    );
    expect(keys).toEqual([{ public_key: keyOf(2), rotated: true }]);
    const log = await parley.sql(
      'SELECT action, resource, details FROM audit_logs WHERE user_id = $1 ORDER BY created_at',
      [ana.id],
    );
    expect(log).toEqual([
      { action: 'key_published', resource: `user_keys/${ana.id}`, details: { keyVersion: 1 } },
      { action: 'key_rotated', resource: `user_keys/${ana.id}`, details: { keyVersion: 2 } },
    ]);
  });

  it('takes a key from an address with a zone, which Postgres does not know', async () => {
    const answer = await server.app.inject({
      method: 'PUT',
      url: '/v1/keys',
      headers: bo.authorization,
      payload: { publicKey: keyOf(9) },
      remoteAddress: 'fe80::1%eth0',
    });
    expect(answer.json()).toEqual({ published: true, keyVersion: 1 });
    const log = await parley.sql('SELECT host(ip_address) AS ip FROM audit_logs WHERE user_id = $1', [bo.id]);
    expect(log).toEqual([{ ip: 'fe80::1' }]);
  });

  it.each(['', 'short', Buffer.alloc(31).toString('base64'), `${'A'.repeat(43)}!`])(
    'refuses the key %j',
    async (key) => {
      expect((await publish(key)).status).toBe(400);
    },
  );

  it('searches all of the past with operators', async () => {
    await parley.sql(
      "UPDATE messages SET created_at = '2024-03-01T12:00:00Z' WHERE seq = 5 AND conversation_id = $1",
      [general],
    );
    const search = async (q: string): Promise<string[]> => {
      const answer = await get<{ mode: string; results: Message[] }>(`/v1/search?q=${encodeURIComponent(q)}`);
      expect(answer.mode).toBe('advanced');
      return answer.results.map(({ body }) => body);
    };
    expect(await search('tram before:2024-03-02')).toEqual(['tram number 5']);
    expect(await search('tram before:2024-03-01')).toEqual([]);
    expect(await search('number after:2024-02-29 before:2024-03-02 from:ana in:#general')).toEqual([
      'tram number 5',
    ]);
    expect(await search('"number 7"')).toEqual(['tram number 7']);
    expect(await search('from:bo')).toEqual([]);
    expect(await search('tram in:elsewhere')).toEqual([]);
    expect(await search('before:2024-99-99')).toEqual([]);
  });

  it('has agents that say what they are', async () => {
    const { agents } = await get<{ agents: { id: string }[] }>('/v1/agents');
    expect(agents.map(({ id }) => id)).toEqual(['recap', 'links']);
    const { body } = await askRecap();
    expect(body.agent?.id).toBe('recap');
    expect(body.reply).toMatchObject({ basis: 'extract', messageIds: [] });
    expect(body.reply?.text).toContain('The last 30 messages: Ana 30');
    expect((await askRecap('oracle')).status).toBe(404);
  });

  it('takes timings into the histogram of clients', async () => {
    expect((await reportTiming()).body).toEqual({ accepted: 1 });
    expect(await fallbacks()).toContain('parley_client_duration_seconds_count{name="conversation_open"} 1');
  });

  it('goes back to Batch 1 with the next document', async () => {
    flags.publish([]);
    expect((await publish(keyOf(3))).body.published).toBe(false);
    expect(await get('/v1/search?q=tram')).toMatchObject({ mode: 'basic' });
  });
});
