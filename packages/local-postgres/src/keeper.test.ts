import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startKeeper } from './keeper.ts';
import { openServerLog } from './server-log.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'crossfade-keeper-'));
});
afterEach(async () => await rm(folder, { recursive: true }));

/** Ends in good order when it is asked for the third time. */
const HARD_OF_HEARING = `
  let asked = 0;
  process.on('SIGINT', () => (asked += 1) === 3 && process.exit(0));
  setInterval(() => {}, 1000);
  console.log('up');
`;

test('a server that does not hear that it is to stop is asked again', async () => {
  const file = path.join(folder, 'server.log');
  const { handle } = await openServerLog(file);
  const command = [process.execPath, '--eval', HARD_OF_HEARING];
  const keeper = startKeeper(command, { account: undefined, cwd: '/', logFd: handle.fd });
  await handle.close();
  await vi.waitFor(async () => expect(await readFile(file, 'utf8')).toBe('up\n'), { timeout: 30_000 });
  await expect(keeper.stop()).resolves.toBe('exit code 0');
});
