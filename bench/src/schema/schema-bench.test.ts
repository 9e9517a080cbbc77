import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

const run = promisify(execFile);
const main = join(import.meta.dirname, '..', 'main.ts');
const cases = ['addColumn', 'addTrigger', 'addCheck', 'setNotNull', 'addIndex', 'rewrite'];
const felt = [
  'Queries',
  'Failed',
  'LongestMs',
  'P99Ms',
  'StalledMs',
  'StalledPercent',
  'ChangeMs',
  'Attempts',
];

describe('npm run bench -- schema', () => {
  it('measures what people feel of a change, naively and by Crossfade', async () => {
    const given = ['schema', '--json', '--rows', '2000', '--seconds', '0.6'];
    const { stdout, stderr } = await run(process.execPath, [main, ...given]);
    const figures = JSON.parse(stdout) as Record<string, unknown>;
    expect(figures).toMatchObject({ bench: 'schema', rows: 2_000, rewriteIsRight: true });
    const names = cases
      .flatMap((name) => [name, `${name}Naive`])
      .flatMap((name) => felt.map((of) => name + of));
    for (const name of names) expect(figures[name], name).toBeTypeOf('number');
    const judged = [...cases.map((name) => `${name}Reached`), 'indexSpeedReached', 'allReached'];
    for (const name of judged) expect(figures[name], name).toBeTypeOf('boolean');
    for (const name of cases) expect(figures[`${name}Failed`], stderr).toBe(0);
  }, 180_000);
});
