import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startServer } from './start-server.ts';
import { startRecoveringServer } from './testing/recovering-server.ts';

/** What happens as soon as the process of a server is there. */
const hooks = vi.hoisted(() => ({ onLaunch: () => {} }));
vi.mock('./keeper.ts', async (original) => {
  const real = await original<typeof import('./keeper.ts')>();
  const startKeeper: typeof real.startKeeper = (...given) => {
    const keeper = real.startKeeper(...given);
    hooks.onLaunch();
    return keeper;
  };
  return { ...real, startKeeper };
});

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'crossfade-start-'));
});
afterEach(async () => {
  hooks.onLaunch = () => {};
  vi.restoreAllMocks();
  await rm(folder, { recursive: true });
});

/** Starts a program that does nothing in place of Postgres. */
async function start(signal: AbortSignal, changes: { port?: number; log?: (line: string) => void } = {}) {
  const postgres = path.join(folder, 'postgres.mjs');
  await writeFile(postgres, `#!${process.execPath}\nsetInterval(() => {}, 1000);\n`, { mode: 0o755 });
  return await startServer({
    directory: folder,
    data: folder,
    postgres,
    account: undefined,
    password: 'secret',
    log: () => undefined,
    port: undefined,
    settings: {},
    signal,
    ...changes,
  });
}

test('a server that nobody wants any more when its process is there is ended at once', async () => {
  const unwanted = new AbortController();
  hooks.onLaunch = () => unwanted.abort();
  await expect(start(unwanted.signal)).rejects.toThrow('aborted');
});

test('a server that recovers from a crash is waited for longer than others, and that is told', async () => {
  const clock = vi.spyOn(performance, 'now').mockReturnValue(0);
  const unwanted = new AbortController();
  const lines: string[] = [];
  const recovering = await startRecoveringServer((answers) => {
    clock.mockReturnValue(answers * 30_000);
    if (answers === 15) unwanted.abort();
  });
  try {
    const starting = start(unwanted.signal, { port: recovering.port, log: (line) => lines.push(line) });
    await expect(starting).rejects.toThrow('aborted');
    expect(lines).toEqual([expect.stringContaining('Postgres recovers what a crash left')]);
  } finally {
    recovering.close();
  }
});
