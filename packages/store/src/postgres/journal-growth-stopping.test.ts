import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { createJournalGrowth } from './journal-growth.ts';

const leftOpen: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of leftOpen.splice(0).toReversed()) await close();
});

const nowhere = { connectionString: 'postgresql://nobody@127.0.0.1:1/none' };
const patiently = { timeout: 15_000, interval: 5 };

function growthOf(readHeadSeq: () => Promise<number>, settings: { connectionString: string } = nowhere) {
  const problems: Error[] = [];
  const growth = createJournalGrowth({ readHeadSeq, settings, onProblem: (e) => problems.push(e) });
  let heard = 0;
  growth.subscribe(() => {
    heard += 1;
  });
  leftOpen.push(async () => await growth.stop());
  return { growth, problems, heard: () => heard };
}

describe('who has stopped listening', () => {
  test('hears nothing of an answer that was under way', async () => {
    const head = Promise.withResolvers<number>();
    let asked = 0;
    const { growth, heard } = growthOf(async () => {
      asked += 1;
      return await head.promise;
    });
    await expect.poll(() => asked, patiently).toBe(1);
    const stopped = growth.stop();
    head.resolve(7);
    await stopped;
    expect(heard()).toBe(0);
    expect(asked).toBe(1);
  });

  test('hears nothing of a failure that was under way', async () => {
    const head = Promise.withResolvers<number>();
    let asked = 0;
    const { growth, problems } = growthOf(async () => {
      asked += 1;
      return await head.promise;
    });
    await expect.poll(() => asked, patiently).toBe(1);
    const before = problems.length;
    const stopped = growth.stop();
    head.reject(new Error('too late'));
    await stopped;
    expect(problems).toHaveLength(before);
  });

  test('is not listened for when somebody comes late', async () => {
    const readHeadSeq = vi.fn<() => Promise<number>>().mockResolvedValue(1);
    const growth = createJournalGrowth({ readHeadSeq, settings: nowhere, onProblem: () => undefined });
    await growth.stop();
    growth.subscribe(() => undefined);
    await growth.stop(); // With a round that had begun.
    expect(readHeadSeq).not.toHaveBeenCalled();
  });

  test('does not wait for a question that a frozen database keeps', async () => {
    const { growth } = growthOf(async () => await new Promise(() => undefined));
    await expect(growth.stop()).resolves.toBeUndefined();
  });
});

test('what fails is said as an error, whatever was thrown, and asked again', async () => {
  let asked = 0;
  const { problems, heard } = growthOf(() => {
    asked += 1;
    if (asked > 1) return Promise.resolve(3);
    // oxlint-disable-next-line prefer-promise-reject-errors -- what a store of another make may do
    return Promise.reject('no head');
  });
  await expect.poll(heard, patiently).toBe(1);
  expect(problems.map(({ message }) => message)).toContain('no head');
});

test('growth that was heard of by notification is not announced a second time by polling', async () => {
  const database = await createTestDatabase();
  leftOpen.push(async () => await database.drop());
  let asked = 0;
  const { heard } = growthOf(
    () => {
      asked += 1;
      return Promise.resolve(5);
    },
    { connectionString: database.directUrl },
  );
  await expect.poll(() => asked, patiently).toBeGreaterThan(1);
  expect(heard()).toBe(1);
});
