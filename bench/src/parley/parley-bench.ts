import type { Bench } from '../bench.ts';
import { startClient } from '../flags/live/client-process.ts';
import type { CrowdGiven, CrowdResult } from './crowd.ts';
import { withParley, type ParleyUnderTest } from './parley-under-test.ts';

/** What a load is called supported by: the average, the slowest hundredth, and what fails. */
const supported = { averageMs: 100, p99Ms: 2_000, failedPercent: 0.025 };
const crowds = [500, 1_000, 1_500, 2_000, 2_500, 3_000];
const readers = 20;
const warmUpMs = 20_000;
const measuredMs = 40_000;
const history = 200;

/**
 * One Parley process, its database and the people who use it, all on this machine: 500 of them, and then more, until the load is
 * not supported any more by the measure that Mattermost publishes for its own (average at most 100 ms, p99 at most 2 s, at most
 * 0.025 % errors and time-outs).
 */
export const parleyBench: Bench = async () =>
  await withParley({ withWeb: false }, async (parley, later) => {
    const figures: Record<string, number> = {};
    let most = 0;
    for (const people of crowds) {
      const result = await measureCrowd(parley, people, later);
      process.stderr.write(`${people} people: ${JSON.stringify(result)}\n`);
      if (people === 500 || people === 1_000) Object.assign(figures, prefixed(`of${people}`, result));
      if (!isSupported(result)) break;
      most = people;
      Object.assign(figures, prefixed('ofMost', result));
    }
    return { supportedPeople: most, ...figures };
  });

type CrowdFigures = Awaited<ReturnType<typeof measureCrowd>>;

const isSupported = ({ averageMs, p99Ms, failedPercent }: CrowdFigures): boolean =>
  averageMs <= supported.averageMs && p99Ms <= supported.p99Ms && failedPercent <= supported.failedPercent;

async function measureCrowd(parley: ParleyUnderTest, people: number, later: (undo: () => unknown) => void) {
  const given = await settle(parley, people);
  const half = Math.ceil(given.length / 2);
  const file = new URL('crowd.ts', import.meta.url);
  const halves = await Promise.all(
    [given.slice(0, half), given.slice(half)].map(async (some) => {
      const crowd: CrowdGiven = { url: parley.url, people: some, warmUpMs, measuredMs };
      const client = await startClient(file, crowd);
      later(() => client.kill());
      return client;
    }),
  );
  const cpuBefore = await parley.serverCpuSeconds();
  const startedMs = performance.now();
  const results = (await Promise.all(halves.map(async (client) => await client.finish()))) as CrowdResult[];
  const seconds = (performance.now() - startedMs) / 1_000;
  const cpuCores = ((await parley.serverCpuSeconds()) - cpuBefore) / seconds;
  const latenciesMs = results.flatMap((result) => result.latenciesMs);
  const visibleMs = results.flatMap((result) => result.visibleMs);
  const failed = results.reduce((sum, result) => sum + result.failed, 0);
  return {
    requestsPerSecond: Math.round(latenciesMs.length / (measuredMs / 1_000)),
    averageMs: rounded(latenciesMs.reduce((sum, ms) => sum + ms, 0) / latenciesMs.length),
    p99Ms: shareOf(latenciesMs, 0.99),
    failedPercent: rounded((failed / (failed + latenciesMs.length)) * 100),
    messages: results.reduce((sum, result) => sum + result.sent, 0),
    visibleP50Ms: shareOf(visibleMs, 0.5),
    visibleP95Ms: shareOf(visibleMs, 0.95),
    serverCpuCores: rounded(cpuCores),
  };
}

/** People in conversations of twenty, with some history. */
async function settle(parley: ParleyUnderTest, count: number): Promise<CrowdGiven['people']> {
  await parley.sql('TRUNCATE parley.sessions, public.conversations, auth.users CASCADE');
  const people = await parley.addPeople(count);
  const conversations = await parley.sql(
    `INSERT INTO conversations (kind, title, last_seq, version) SELECT 'channel', 'room-' || n, $2, $2 FROM generate_series(1, $1::int) n RETURNING id`,
    [Math.ceil(count / readers), history],
  );
  const placed = people.map((person, at) => ({
    ...person,
    conversationId: String(conversations[Math.floor(at / readers)]?.['id']),
  }));
  await parley.sql(
    'INSERT INTO conversation_participants (conversation_id, user_id) SELECT * FROM unnest($1::uuid[], $2::uuid[])',
    [placed.map(({ conversationId }) => conversationId), placed.map(({ userId }) => userId)],
  );
  await parley.sql(
    `INSERT INTO messages (conversation_id, seq, sender_id, body, version)
     SELECT c.id, n, (SELECT user_id FROM conversation_participants p WHERE p.conversation_id = c.id LIMIT 1),
       'Message ' || n || ' of what was said before', n FROM conversations c, generate_series(1, $1::int) n`,
    [history],
  );
  await parley.sql('ANALYZE');
  return placed;
}

const rounded = (value: number): number => Math.round(value * 1_000) / 1_000;

function shareOf(all: readonly number[], share: number): number {
  const sorted = Float64Array.from(all).toSorted();
  return Math.round((sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? Number.NaN) * 10) / 10;
}

const prefixed = (name: string, figures: Record<string, number>): Record<string, number> =>
  Object.fromEntries(
    Object.entries(figures).map(([key, value]) => [
      `${name}${key.charAt(0).toUpperCase()}${key.slice(1)}`,
      value,
    ]),
  );
