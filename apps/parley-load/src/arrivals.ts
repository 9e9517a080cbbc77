import type { Random } from './random.ts';

const BURST_SHARE = 0.06;
const BURST_FACTOR = 1.6;
/** The factor of an ordinary second is drawn from this middle ± SPREAD, so that the mean over all seconds is 1. */
const SPREAD = 0.2;
const ORDINARY_MIDDLE = (1 - BURST_SHARE * BURST_FACTOR) / (1 - BURST_SHARE);

/**
 * When people do something, in ms since the start: a Poisson process without an end whose rate swells a little from
 * second to second, with a burst now and then; on average `ratePerSecond`.
 */
export function* arrivals(random: Random, ratePerSecond: number): Generator<number, never, void> {
  let second = 0;
  let elapsedInSecond = 0;
  let rate = ratePerSecond * swell(random);
  let wait = random.exponential();
  for (;;) {
    // `wait` is in expected arrivals: spend it second by second, each at its own rate.
    const leftInSecond = (1 - elapsedInSecond) * rate;
    if (wait > leftInSecond) {
      wait -= leftInSecond;
      second += 1;
      elapsedInSecond = 0;
      rate = ratePerSecond * swell(random);
      continue;
    }
    elapsedInSecond += wait / rate;
    yield (second + elapsedInSecond) * 1000;
    wait = random.exponential();
  }
}

function swell(random: Random): number {
  if (random.chance(BURST_SHARE)) return BURST_FACTOR;
  return ORDINARY_MIDDLE - SPREAD + random.next() * 2 * SPREAD;
}
