import { describe, expect, it } from 'vitest';
import { firstSeeds, parseSoakOptions } from './soak-options.ts';

describe('parseSoakOptions', () => {
  it('tries fifty seeds of everything when nothing is said', () => {
    const { seeds, faults, json } = parseSoakOptions([]);
    expect(seeds).toHaveLength(50);
    expect(seeds.slice(0, 2)).toEqual([1, 2]);
    expect(faults).toBeUndefined();
    expect(json).toBe(false);
  });

  it('repeats one seed of one fault', () => {
    expect(parseSoakOptions(['--fault', 'disk-full', '--seed', '7', '--at-a-time', '2', '--json'])).toEqual({
      seeds: [7],
      faults: ['disk-full'],
      atATime: 2,
      json: true,
    });
  });

  it.each([
    [['--seeds', '0'], '--seeds 0: expected a whole number above 0'],
    [['--seed', '1.5'], '--seed 1.5: expected a whole number above 0'],
    [['--at-a-time', 'x'], '--at-a-time x: expected a whole number above 0'],
    [['--sed', '1'], "Unknown option '--sed'"],
    [['seven'], 'Unexpected argument'],
  ])('%j: %s', (argv, message) => {
    expect(() => parseSoakOptions(argv)).toThrow(message);
  });
});

describe('firstSeeds', () => {
  it('counts from 1, and refuses what would try nothing', () => {
    expect(firstSeeds('CROSSFADE_FAULT_SEEDS', '3')).toEqual([1, 2, 3]);
    for (const count of ['abc', '', '0'])
      expect(() => firstSeeds('CROSSFADE_FAULT_SEEDS', count)).toThrow(
        `CROSSFADE_FAULT_SEEDS ${count}: expected a whole number above 0`,
      );
  });
});
