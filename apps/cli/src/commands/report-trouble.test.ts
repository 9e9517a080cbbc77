import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '@crossfade/local-postgres/testing';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { crossfadeHere } from '../testing/crossfade-here.ts';
import { writeSmallPlan } from '../testing/small-plan.ts';

const folder = vi.hoisted(() => {
  process.env['CROSSFADE_FOLDER'] = `${process.env['TMPDIR'] ?? '/tmp'}/crossfade-report-${process.pid}`;
  delete process.env['DATABASE_URL'];
  return process.env['CROSSFADE_FOLDER'];
});
const plan = writeSmallPlan();
afterAll(() => rmSync(plan, { recursive: true, force: true }));

let database: TestDatabase;
beforeEach(async () => {
  database = await createTestDatabase();
});
afterEach(async () => {
  rmSync(folder, { recursive: true, force: true });
  await database.drop();
});

function run(...more: string[]): ReturnType<typeof crossfadeHere> {
  return crossfadeHere('run', plan, '--speed', '1000000', '--database', database.url, ...more);
}

const troubles: readonly (readonly [string, () => void, RegExp])[] = [
  [
    'a folder that cannot be made',
    () => {
      mkdirSync(folder);
      writeFileSync(join(folder, 'report'), 'no folder');
    },
    /EEXIST|ENOTDIR/,
  ],
  [
    "a clients' log that is broken",
    () => {
      mkdirSync(join(folder, 'report'), { recursive: true });
      writeFileSync(join(folder, 'report', 'clients.jsonl'), 'nonsense\n{"kind":"other"}\n');
    },
    /clients\.jsonl, line 1 is not a line of a client log/,
  ],
];

describe.each(troubles)('a report that cannot be written, for %s', (_why, prepare, reason) => {
  it('leaves the exit code and the one document to the run, and says what to do', async () => {
    prepare();
    const end = await run('--json');
    expect(end.code).toBe(0);
    expect(JSON.parse(end.stdout)).toEqual({ status: 'completed', runId: expect.any(String) });
    expect(end.stderr).toMatch(reason);
    expect(end.stderr).toMatch(
      /^\S+ the report could not be written: .*\. Mend that; then: crossfade report$/m,
    );
  });
});

it('with --quiet a run that is completed says so, whatever becomes of its report', async () => {
  mkdirSync(folder);
  writeFileSync(join(folder, 'report'), 'no folder');
  expect(await run('--quiet')).toMatchObject({
    code: 0,
    stdout: expect.stringMatching(/^Run \S+ is completed\.\n$/),
    stderr: expect.stringContaining('the report could not be written'),
  });
});
