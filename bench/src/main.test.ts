import { execFile } from 'node:child_process';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface End {
  readonly code: number | string | null;
  readonly stderr: string;
}

function bench(...given: string[]): Promise<End> {
  return new Promise((resolve) => {
    execFile(process.execPath, [join(import.meta.dirname, 'main.ts'), ...given], (error, _stdout, stderr) => {
      resolve({ code: error ? (error.code ?? null) : 0, stderr });
    });
  });
}

describe('npm run bench', () => {
  it.each([
    [['--bogus'], "Unknown option '--bogus'"],
    [['import', '--file', '/nowhere.zip'], '--file /nowhere.zip: there is no such file'],
    [['schema', '--rows', '0.5'], '--rows 0.5: expected a whole number'],
    [['schema', '--seconds', 'long'], '--seconds long: expected a number above 0'],
    [['constructor'], 'not "constructor"'],
  ])('refuses %j without a stack', async (given, told) => {
    const { code, stderr } = await bench(...given);
    expect(code).toBe(2);
    expect(stderr).toContain(told);
    expect(stderr).not.toMatch(/^\s+at /m);
  });
});
