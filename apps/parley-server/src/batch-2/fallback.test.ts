import { afterAll, beforeAll, expect, it } from 'vitest';
import { FEATURES } from '../features.ts';
import { call, type Call } from '../testing/client.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from '../testing/parley-fixture.ts';

let parley: ParleyFixture;
let server: Awaited<ReturnType<ParleyFixture['startServer']>>;
let ana: TestPerson;
let room: string;

beforeAll(async () => {
  parley = await createParleyFixture();
  server = await parley.startServer();
  await server.app.ready();
  server.flags.publish(Object.values(FEATURES), 50);
  ana = await parley.addPerson('Ana');
  room = await parley.addConversation([ana]);
});
afterAll(async () => await parley.close());

const EXPAND = [
  'CREATE TABLE user_keys (user_id uuid PRIMARY KEY REFERENCES auth.users (id), public_key text NOT NULL, key_version integer DEFAULT 1, created_at timestamptz DEFAULT now(), rotated_at timestamptz)',
  'CREATE TABLE audit_logs (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), user_id uuid REFERENCES auth.users (id), action text NOT NULL, resource text NOT NULL, details jsonb, ip_address inet, user_agent text, created_at timestamptz DEFAULT now())',
  'ALTER TABLE messages ADD COLUMN body_search tsvector',
  `CREATE FUNCTION keep_body_search() RETURNS trigger LANGUAGE plpgsql AS
    $$ BEGIN NEW.body_search := to_tsvector('simple', NEW.body); RETURN NEW; END $$`,
  'CREATE TRIGGER keep_body_search BEFORE INSERT OR UPDATE OF body ON messages FOR EACH ROW EXECUTE FUNCTION keep_body_search()',
];
const CONTRACT = [
  'DROP TRIGGER keep_body_search ON messages',
  'DROP FUNCTION keep_body_search()',
  'ALTER TABLE messages DROP COLUMN body_search',
  'DROP TABLE audit_logs',
  'DROP TABLE user_keys',
];

it('fails no request while the tables and columns of Batch 2 come and go under it', async () => {
  const done = new AbortController();
  let number = 0;
  const statuses = new Map<string, number>();
  const work = async (makeUrl: () => string, makeCall: () => Call): Promise<void> => {
    while (!done.signal.aborted) {
      const { status } = await call(server.app, makeUrl(), { ...makeCall(), as: ana });
      const outcome = `${makeCall().method ?? 'GET'} ${status}`;
      statuses.set(outcome, (statuses.get(outcome) ?? 0) + 1);
    }
  };
  const key = (): string => Buffer.alloc(32, (number += 1) % 251).toString('base64');
  const working = [
    work(
      () => `/v1/conversations/${room}/messages`,
      () => ({ method: 'POST', body: { clientId: `m-${(number += 1)}`, body: 'a tram' } }),
    ),
    work(
      () => '/v1/search?q=tram',
      () => ({}),
    ),
    work(
      () => `/v1/conversations/${room}/messages?limit=20`,
      () => ({}),
    ),
    work(
      () => '/v1/keys',
      () => ({ method: 'PUT', body: { publicKey: key() } }),
    ),
  ];
  for (let round = 0; round < 8; round += 1) {
    for (const statement of [...EXPAND, ...CONTRACT]) await parley.sql(statement);
  }
  done.abort();
  await Promise.all(working);
  expect([...statuses.keys()].toSorted()).toEqual(['GET 200', 'POST 201', 'PUT 200']);
  await call(server.app, '/v1/search?q=tram', { as: ana });
  await call(server.app, '/v1/keys', { method: 'PUT', as: ana, body: { publicKey: key() } });
  const counted = (await server.metrics.text()).matchAll(
    /^parley_batch2_fallbacks_total\{feature="(\w+)"\}/gm,
  );
  expect([...counted].map(([, feature = '']) => feature).toSorted()).toEqual([
    'advanced_search',
    'e2e_encryption',
  ]);
});
