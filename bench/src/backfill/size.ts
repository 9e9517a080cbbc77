import { setInterval as every } from 'node:timers/promises';
import type { Figures } from '../schema/compare.ts';
import { withDatabase } from '../schema/bench-database.ts';
import { performStep } from '../schema/perform-step.ts';
import { round } from '../schema/round.ts';
import { reset } from './rates.ts';
import { seal, sqlSettings, transformSettings } from './ways.ts';

const mostTimesAsCostly = 1.2;
const mostBytes = 200_000_000;

/** What a row costs in a small table and in a large one, and how much memory the work takes while it is at it. */
export async function size(small: number, large: number): Promise<Figures> {
  const smallUs = await costOf(small);
  const { us: largeUs, bytes, transformBytes } = await largeCostOf(large);
  const times = largeUs / smallUs;
  return {
    smallRows: small,
    largeRows: large,
    smallMicrosecondsPerRow: round(smallUs, 2),
    largeMicrosecondsPerRow: round(largeUs, 2),
    costTimes: round(times, 3),
    costReached: times <= mostTimesAsCostly,
    memoryMegabytes: round(bytes / 1_000_000),
    transformMemoryMegabytes: round(transformBytes / 1_000_000),
    memoryReached: bytes <= mostBytes && transformBytes <= mostBytes,
  };
}

/** The median of several, where one is over before it has begun. */
async function costOf(rows: number): Promise<number> {
  return await withDatabase(rows, async (database) => {
    const costs: number[] = [];
    for (let turn = 0; turn < 5; turn += 1) {
      await reset(database, 'words');
      costs.push(await timed(async () => await fillWords(database.url), rows));
    }
    return costs.toSorted((a, b) => a - b)[2] ?? 0;
  });
}

async function largeCostOf(rows: number): Promise<{ us: number; bytes: number; transformBytes: number }> {
  return await withDatabase(rows, async (database) => {
    await reset(database, 'words');
    let us = 0;
    const bytes = await mostMemoryIn(async () => {
      us = await timed(async () => await fillWords(database.url), rows);
    });
    await reset(database, 'sealed');
    const transformBytes = await mostMemoryIn(async () => {
      await performStep(database.url, {
        type: 'backfill',
        effects: ['fill'],
        settings: { ...transformSettings, workers: 2 },
        files: { [transformSettings.transform.file]: seal },
      });
    });
    return { us, bytes, transformBytes };
  });
}

async function fillWords(url: string): Promise<void> {
  await performStep(url, { type: 'backfill', effects: ['fill'], settings: sqlSettings });
}

async function timed(work: () => Promise<void>, rows: number): Promise<number> {
  const startedMs = performance.now();
  await work();
  return ((performance.now() - startedMs) * 1_000) / rows;
}

/** Of this process, in which the work is done; those of transforms have a limit of their own. */
async function mostMemoryIn(work: () => Promise<void>): Promise<number> {
  let most = 0;
  const over = new AbortController();
  const looking = (async () => {
    for await (const since of every(100, performance.now(), { signal: over.signal })) {
      if (since < 0) break;
      most = Math.max(most, process.memoryUsage().rss);
    }
  })().catch((error: unknown) => {
    if (!over.signal.aborted) throw error;
  });
  try {
    await work();
  } finally {
    over.abort();
    await looking;
  }
  return most;
}
