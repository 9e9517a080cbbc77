import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { FEATURES } from './feature-use.ts';
import { applyBatchTwo, publishFlags } from './testing/batch-two.ts';
import { flagRevision, startLoad } from './testing/parley-processes.ts';
import { expectFlawless, having, openStage, PATIENCE_MS, PEOPLE } from './testing/stage.ts';

describe('people using Parley', { timeout: 4 * PATIENCE_MS }, () => {
  let stage: Awaited<ReturnType<typeof openStage>>;
  beforeAll(async () => {
    stage = await openStage();
  });
  afterAll(async () => await stage.close());

  it('log in, talk and read for a while, and find everything as it was acknowledged', async () => {
    const startedMs = Date.now();
    const { child, messages, exit, logged, readLines } = stage.startCrowd('--rate', '60');
    await logged({ kind: 'ack' }, 30);
    child.send('stop');
    expect(await exit).toMatchObject({ code: 0 });

    const lines = await readLines();
    expectFlawless(lines);
    expect(lines[0]).toMatchObject({ kind: 'header', version: 1, seed: 5, rate: 60, people: PEOPLE });
    expect(Number(lines[0]?.['startedAtMs'])).toBeGreaterThan(startedMs - 1_000);
    expect(Number(lines[0]?.['startedAtMs'])).toBeLessThan(Date.now() + 1_000);
    const requests = having(lines, { kind: 'request' });
    expect(having(requests, { action: 'log_in' })).toHaveLength(PEOPLE);
    expect(new Set(requests.map(({ server }) => server))).toEqual(new Set([0, 1]));
    for (const { ms, at } of requests) expect([typeof ms, Number.isInteger(at)]).toEqual(['number', true]);
    const connected = having(lines, { kind: 'socket', event: 'connected' });
    expect(connected.length).toBeGreaterThanOrEqual(PEOPLE);
    expect(having(lines, { kind: 'features' })).toMatchObject([{ virtual_scrolling: { shown: 0, used: 0 } }]);

    expect(messages).toContainEqual({ type: 'ready' });
    const told = { type: 'progress', phase: 'done', people: PEOPLE, requests: requests.length, failed: 0 };
    expect(messages.at(-1)).toMatchObject(told);
  });

  it('use what their flags show them, and go on without it when it is taken back', async () => {
    await applyBatchTwo(stage.client);
    await publishFlags(stage.client, 1, true);
    const known = async () => await Promise.all(stage.servers.map(flagRevision));
    await vi.waitFor(async () => expect(await known()).toEqual([1, 1]), { timeout: PATIENCE_MS });
    const { child, exit, logged, readLines } = stage.startCrowd('--rate', '80');
    for (const action of ['jump', 'publish_key', 'post_timings', 'search', 'ask_agent']) {
      await logged({ kind: 'request', action }, 3);
    }
    const readBefore = having(await readLines(), { action: 'read_flags' }).length;
    await publishFlags(stage.client, 2, false);
    await logged({ kind: 'request', action: 'read_flags' }, readBefore + PEOPLE);
    child.send({ type: 'stop' });
    expect(await exit).toMatchObject({ code: 0 });

    const lines = await readLines();
    expectFlawless(lines);
    const [features = {}] = having(lines, { kind: 'features' });
    for (const feature of FEATURES) {
      const used: unknown = expect.toSatisfy((people: unknown) => Number(people) > 0);
      expect(features).toMatchObject({ [feature]: { shown: PEOPLE, used } });
    }
  });

  it('end by themselves when whoever started them is gone', async () => {
    const { child, exit, logged } = stage.startCrowd('--rate', '20');
    await logged({ kind: 'ack' }, 1);
    child.disconnect();
    const gone: unknown = expect.stringContaining('the process that started this one is gone');
    expect(await exit).toEqual({ code: 1, errors: gone });
  });
});

it('says what is wrong when nobody can come in', async () => {
  const argv = ['--url', 'http://127.0.0.1:9', '--credentials', 'no/people.json', '--log', 'no/log.jsonl'];
  const reason: unknown = expect.stringContaining('no/people.json');
  expect(await startLoad(argv).ended).toEqual({ code: 1, errors: reason });
});
