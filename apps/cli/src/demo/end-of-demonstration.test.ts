import { spawn, spawnSync, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../testing/until.ts';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';

const main = join(import.meta.dirname, '..', 'main.ts');
/** Of what is promised, and some for a machine that is busy. */
const limitMs = 7_000;

let folder: string;
let demonstration: ChildProcess;
let said: string;

beforeEach(async () => {
  folder = mkdtempSync(join(tmpdir(), 'crossfade-end-'));
  chmodSync(folder, 0o711);
  said = '';
  const { DATABASE_URL: _, ...env } = process.env;
  const given = ['demo', '--messages', '100', '--people', '2', '--rate', '5'];
  demonstration = spawn(process.execPath, [main, ...given], { env: { ...env, CROSSFADE_FOLDER: folder } });
  for (const stream of [demonstration.stdout, demonstration.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (said += text));
  await until('Parley to serve on', () => said.includes('Parley serves on') || undefined, 110_000);
}, 120_000);

afterEach(() => {
  demonstration.kill('SIGKILL');
  for (const pid of processes()) spawnSync('kill', ['-9', String(pid)]);
  rmSync(folder, { recursive: true, force: true });
});

/** Of Parley, the people and the embedded Postgres with its backends. */
function processes(): number[] {
  const { stdout } = spawnSync('ps', ['-axww', '-o', 'pid=,ppid=,command='], { encoding: 'utf8' });
  const all = stdout.split('\n').map((line) => /^\s*(\d+)\s+(\d+) (.*)$/.exec(line));
  const ours = all.filter((match) => match?.[3]?.includes(folder)).map((match) => Number(match?.[1]));
  const children = all
    .filter((match) => ours.includes(Number(match?.[2])))
    .map((match) => Number(match?.[1]));
  return [...new Set([...ours, ...children])];
}

function freezePostgres(): void {
  const postmaster = readFileSync(join(folder, 'postgres/data/postmaster.pid'), 'utf8').split('\n')[0] ?? '';
  const { stdout } = spawnSync('ps', ['-axo', 'pid=,ppid='], { encoding: 'utf8' });
  const backends = stdout.split('\n').map((line) => line.trim().split(/\s+/));
  const pids = backends.filter(([, parent]) => parent === postmaster).map(([pid = '']) => pid);
  expect(pids.length).toBeGreaterThan(3);
  expect(spawnSync('kill', ['-STOP', postmaster, ...pids]).status).toBe(0);
}

async function endedAfter(startMs: number): Promise<number> {
  if (demonstration.exitCode === null) await once(demonstration, 'exit');
  return performance.now() - startMs;
}

describe('the end of a demonstration', { timeout: 60_000 }, () => {
  it('comes within seconds of SIGTERM though the database is frozen, and leaves no process behind', async () => {
    freezePostgres();
    const startMs = performance.now();
    demonstration.kill('SIGTERM');
    expect(await endedAfter(startMs)).toBeLessThan(limitMs);
    expect(demonstration.exitCode).toBe(4);
    await vi.waitFor(() => expect(processes()).toEqual([]), { timeout: 10_000 });
  });

  it('comes at once when asked for twice', async () => {
    freezePostgres();
    demonstration.kill('SIGINT');
    await sleep(1_100); // What comes sooner is taken for the same key press.
    const startMs = performance.now();
    demonstration.kill('SIGINT');
    expect(await endedAfter(startMs)).toBeLessThan(1_500);
    expect(demonstration.exitCode).toBe(4);
    await vi.waitFor(() => expect(processes()).toEqual([]), { timeout: 10_000 });
  });
});
