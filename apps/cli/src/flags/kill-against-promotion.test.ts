import { describe, expect, it } from 'vitest';
import { raceKill, type RaceResult } from '../testing/kill-race/kill-race.ts';

const seeds = Number(process.env['CROSSFADE_FUZZ_RUNS'] ?? 1_000);
/** One alone, to look at it: of a failure that was met. */
const onlySeed = process.env['CROSSFADE_SEED'];

describe('a kill against a promotion', () => {
  it('wins whenever it comes, and stays until the flag is enabled', async () => {
    const list =
      onlySeed === undefined ? Array.from({ length: seeds }, (_, at) => at + 1) : [Number(onlySeed)];
    const results: RaceResult[] = [];
    for (const seed of list) {
      const result = await raceKill(seed).catch((error: unknown) => {
        throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
      });
      expect(result.violations, `seed ${seed}`).toEqual([]);
      results.push(result);
    }
    // Else nothing was raced.
    const fewest = Math.floor(list.length / 50);
    const countOf = (is: (result: RaceResult) => boolean): number => results.filter(is).length;
    expect(countOf(({ promotionsRefused }) => promotionsRefused > 0)).toBeGreaterThanOrEqual(fewest);
    expect(countOf(({ commandsRefused }) => commandsRefused > 0)).toBeGreaterThanOrEqual(fewest);
    expect(countOf(({ hadTakeover }) => hadTakeover)).toBeGreaterThanOrEqual(fewest);
    expect(countOf(({ wasEnabled }) => wasEnabled)).toBeGreaterThanOrEqual(fewest);
    expect(countOf(({ status }) => status === 'running')).toBeGreaterThanOrEqual(fewest);
    expect(countOf(({ status }) => status === 'completed')).toBeGreaterThanOrEqual(fewest);
  });
});
