import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const main = join(import.meta.dirname, '..', 'main.ts');

describe('npm run bench -- backfill', () => {
  it('measures how fast rows are filled, beside a single UPDATE and the sketched way', async () => {
    const { stdout, stderr } = await run(process.execPath, [
      main,
      'backfill',
      '--json',
      '--rows',
      '2000',
      '--seconds',
      '1',
    ]);
    const figures = JSON.parse(stdout) as Record<string, unknown>;
    expect(figures).toMatchObject({ bench: 'backfill', rows: 2_000, smallRows: 400, largeRows: 20_000 });
    for (const way of ['single', 'sql', 'transform', 'sketched']) {
      expect(figures[`${way}RowsPerSecond`], stderr).toBeGreaterThan(0);
    }
    expect(figures).toMatchObject({ changedRowIsFound: true, guardedFailed: 0 });
    for (const judged of ['sql', 'transform', 'cost', 'memory', 'verification', 'guarded', 'all']) {
      expect(figures[`${judged}Reached`], judged).toBeTypeOf('boolean');
    }
  }, 180_000);
});
