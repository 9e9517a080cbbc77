import { expect } from 'vitest';

/** Asks again until it holds. Long enough for a busy machine: a test that passes does not wait for it. */
export function eventually<T>(look: () => T | Promise<T>, timeoutMs = 10_000) {
  return expect.poll(look, { timeout: timeoutMs, interval: 10 });
}
