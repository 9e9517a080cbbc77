import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);

describe('npm run bench -- schema', () => {
  it('measures what people feel of a change, naively and by Crossfade', async () => {
    const env = { ...process.env, CROSSFADE_BENCH_ROWS: '3000', CROSSFADE_BENCH_WINDOW_MS: '1500' };
    const { stdout } = await run(
      process.execPath,
      [join(import.meta.dirname, '..', 'main.ts'), 'schema', '--json'],
      { env },
    );
    const figures = JSON.parse(stdout) as Record<string, unknown>;
    expect(figures).toMatchObject({
      bench: 'schema',
      rows: 3_000,
      addColumnFailed: 0,
      setNotNullFailed: 0,
      rewriteFailed: 0,
      rewrittenIsEqual: true,
    });
    for (const name of ['addColumn', 'setNotNull', 'rewrite'])
      expect(Number(figures[`${name}NaiveLongestMs`])).toBeGreaterThan(Number(figures[`${name}P99Ms`]));
  }, 120_000);
});
