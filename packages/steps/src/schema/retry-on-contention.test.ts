import type { TargetConnection } from '@crossfade/engine';
import { expect, it } from 'vitest';
import { StepWorld } from '../testing/step-world.ts';
import { GaveWay } from './gave-way.ts';
import { retryOnContention } from './retry-on-contention.ts';
import { schemaStep } from './definition.ts';
import { StatementLedger } from './statement-ledger.ts';

const locked = Object.assign(new Error('canceling statement due to lock timeout'), { code: '55P03' });
const need = { locks: [], lockTimeoutMs: 500, concurrently: false };

/** Work for a change of which only its locks matter; `holders` are in the way whenever somebody looks. */
function createWork(holders: readonly object[] = []) {
  const world = new StepWorld({ longestSleepMs: 0 });
  const connection: TargetConnection = {
    query: () => Promise.resolve(JSON.parse(JSON.stringify({ rows: holders, rowCount: holders.length }))),
  };
  const context = world.context();
  const config = schemaStep.configSchema.parse({ file: 'a.sql', attempts: 3, lock_timeout: '500ms' });
  const ledger = new StatementLedger(connection, context);
  return { world, work: { connection, context, config, ledger } };
}
const holder = {
  pid: null,
  who: 'prepared transaction x for app',
  what: 't',
  state: 'prepared',
  transactionAgeMs: 100,
};

it('hands back what the change came to, when nobody is in the way', async () => {
  const { work, world } = createWork();
  await expect(retryOnContention(work, need, () => Promise.resolve('done'))).resolves.toBe('done');
  expect(world.clock.slept).toEqual([]);
});

it('throws at once what is no matter of locks', async () => {
  const { work, world } = createWork();
  const wrong = new Error('column "n" does not exist');
  await expect(retryOnContention(work, need, () => Promise.reject(wrong))).rejects.toBe(wrong);
  expect(world.clock.slept).toEqual([]);
});

it('tries again with growing pauses, and says each time who was in the way', async () => {
  const { work, world } = createWork([holder]);
  let attempts = 0;
  const change = async () => {
    attempts += 1;
    if (attempts < 3) throw locked;
    return await Promise.resolve('done');
  };
  await expect(retryOnContention(work, need, change)).resolves.toBe('done');
  const [first = 0, second = 0] = world.clock.slept;
  expect(first).toBeGreaterThanOrEqual(50);
  expect(first).toBeLessThanOrEqual(150);
  expect(second).toBeGreaterThanOrEqual(100);
  expect(second).toBeLessThanOrEqual(300);
  expect(world.progress.map(({ done, total, note }) => [done, total, note])).toEqual(
    [1, 2].map((attempt) => [
      attempt,
      3,
      'gave way; held on t by prepared transaction x for app (prepared, open for 0.1 s)',
    ]),
  );
});

it('gives up after its attempts, with the place, the reason, and no process to end where none is known', async () => {
  const { work } = createWork([holder]);
  const gaveWay = new GaveWay('lock', 7, locked);
  const ended = retryOnContention(work, need, () => Promise.reject(gaveWay));
  await expect(ended).rejects.toMatchObject({ name: 'TerminalError' });
  await expect(ended).rejects.toThrow(
    /^a\.sql:7: no lock in 3 attempts of 500 ms over .* \(canceling statement due to lock timeout\); held on t by [^.]*\.1 s\)\.$/,
  );
});

it('names the process that could be ended, and the file where no line is known', async () => {
  const { work } = createWork([{ ...holder, pid: 4711, state: 'idle in transaction' }]);
  await expect(retryOnContention(work, need, () => Promise.reject(locked))).rejects.toThrow(
    /^a\.sql: no lock in .* What should not be open any more can be ended with: select pg_terminate_backend\(4711\)$/,
  );
});

it('makes work that is too long for people few times, far apart', async () => {
  const { work, world } = createWork();
  const config = { ...work.config, attempts: 60 };
  const overrun = new GaveWay('work', 2, new Error('canceling statement due to statement timeout'));
  let attempts = 0;
  const ended = retryOnContention({ ...work, config }, need, () => {
    attempts += 1;
    return Promise.reject(overrun);
  });
  await expect(ended).rejects.toThrow(/^a\.sql:2: was not done when it had kept others out .* 4 times/);
  expect(attempts).toBe(4);
  expect(world.clock.slept.map((sleptMs, index) => sleptMs >= 500 * (index + 1))).toEqual([true, true, true]);
});

it('ends with the run that is taken back', async () => {
  const { work } = createWork();
  const stopped = new AbortController();
  stopped.abort(new Error('taken back'));
  const context = { ...work.context, signal: stopped.signal };
  await expect(retryOnContention({ ...work, context }, need, () => Promise.reject(locked))).rejects.toThrow(
    'taken back',
  );
});
