import { afterAll, beforeAll, expect, it } from 'vitest';
import { openDatabase, type Database } from '../database.ts';
import { silentLog } from '../log.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from '../testing/parley-fixture.ts';
import { searchBasic } from './search-messages.ts';

let parley: ParleyFixture;
let database: Database;
let ana: TestPerson;

beforeAll(async () => {
  parley = await createParleyFixture();
  database = openDatabase({ connectionString: parley.url, log: silentLog, maxConnections: 1 });
  ana = await parley.addPerson('Ana');
});
afterAll(async () => {
  await database.close();
  await parley.close();
});

/** Messages a quarter of an hour to a day apart, of which every 50th has the word. */
const FILL = `
WITH filled AS (
  INSERT INTO messages (conversation_id, seq, sender_id, body, created_at)
  SELECT $1, i, $2, CASE WHEN i % 50 = 0 THEN 'a Tram passes' ELSE 'nothing' END,
    '2026-01-01'::timestamptz - ($3::int - i) * $4::interval
  FROM generate_series(1, $3::int) i
)
UPDATE conversations SET last_seq = $3 WHERE id = $1`;

/** What the search is to find, asked in the simplest way. */
const EXPECTED = `
SELECT id FROM (
  SELECT m.id, m.body, m.created_at FROM messages m JOIN conversation_participants p USING (conversation_id)
  WHERE p.user_id = $1 ORDER BY m.created_at DESC, m.id LIMIT 2000
) newest WHERE body ILIKE '%tram%' ORDER BY created_at DESC, id LIMIT 50`;

it('looks through exactly the newest 2,000 messages of all of a person’s conversations', async () => {
  const shapes = [
    { count: 5_000, apart: '15 minutes' },
    { count: 1_500, apart: '40 minutes' },
    { count: 300, apart: '1 day' },
    { count: 99, apart: '1 minute' },
    { count: 100, apart: '2 hours' },
    { count: 3, apart: '1 hour' },
    { count: 0, apart: '1 hour' },
  ];
  for (const { count, apart } of shapes) {
    await parley.sql(FILL, [await parley.addConversation([ana]), ana.id, count, apart]);
  }
  const expected = await parley.sql(EXPECTED, [ana.id]);
  const found = await searchBasic(database, ana.id, 'TRAM', 50);
  expect(expected.length).toBeGreaterThan(20);
  expect(found.map(({ id }) => ({ id }))).toEqual(expected);
});
