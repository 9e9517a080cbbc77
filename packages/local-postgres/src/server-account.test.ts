import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { ensureCluster } from './cluster.ts';
import { exists } from './exists.ts';
import { ps } from './process-identity.ts';
import { obstacleTo, runAs } from './server-account.ts';

let folder: string;
let program: string;
let started: string;
/** A length of sleep that no other process has. */
const LENGTH = `600.${process.pid}`;

beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'crossfade-account-'));
  program = path.join(folder, 'hanging');
  started = path.join(folder, 'started');
  const text = `#!/bin/sh\necho reading\ntouch '${started}'\nexec sleep ${LENGTH}\n`;
  await writeFile(program, text, { mode: 0o755 });
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
});
afterEach(async () => {
  vi.useRealTimers();
  await rm(folder, { recursive: true });
});

/** Lets so much time pass when the program hangs; returns what whoever waits for it is told then. */
async function errorAfter(waitedMs: number, waiting: Promise<unknown>): Promise<unknown> {
  const told = waiting.then(
    () => 'no error',
    (error: unknown) => error,
  );
  while (!(await exists(started))) await nextTurn();
  await nextTurn(); // What it said has been read when one more turn is over.
  vi.advanceTimersByTime(waitedMs);
  return await told;
}

describe('a program that does not end', () => {
  test('is named with what it said and how long it was waited for, and killed', async () => {
    const error = await errorAfter(1500, runAs(undefined, [program, '--fast'], 1500));
    expect(error).toHaveProperty(
      'message',
      `${program} --fast did not end within 1.5 s and was killed: ` +
        'usually a disk does not answer, or is very slow. It said:\nreading',
    );
    vi.useRealTimers();
    const commands = (): string => ps(['-axww', '-o', 'command=']);
    await vi.waitFor(() => expect(commands()).not.toContain(`sleep ${LENGTH}`), { timeout: 10_000 });
  });

  test('has 10 s where we only want to know whether it can be started', async () => {
    const error = await errorAfter(10_000, obstacleTo(undefined, program));
    expect(String(error)).toContain(`${program} --version did not end within 10 s and was killed`);
  });

  test('has 60 s to make a cluster, and leaves none', async () => {
    const plan = { directory: folder, place: folder, account: undefined, initdb: program };
    const error = await errorAfter(
      60_000,
      ensureCluster(plan, () => undefined),
    );
    expect(String(error)).toMatch(/hanging --pgdata=.* did not end within 60 s and was killed/);
    expect(await exists(path.join(folder, 'data'))).toBe(false);
  });
});
