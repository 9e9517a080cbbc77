import { describe, expect, it, vi } from 'vitest';
import { raceKillOnPostgres } from '../testing/kill-race/kill-race-on-postgres.ts';

vi.setConfig({ testTimeout: 300_000 });
const seeds = Array.from({ length: 25 }, (_, at) => at + 1);

describe('a kill against a promotion, on connections of their own', () => {
  it('wins whenever it comes, and stays until the flag is enabled', async () => {
    let conflicts = 0;
    for (const seed of seeds) {
      const race = await raceKillOnPostgres(seed).catch((error: unknown) => {
        throw new Error(`seed ${seed}: ${String(error)}`, { cause: error });
      });
      expect(race.violations, `seed ${seed}`).toEqual([]);
      conflicts += race.conflicts;
    }
    expect(conflicts, 'times that the two met').toBeGreaterThan(0);
  });
});
