import { type ChildProcess, spawn } from 'node:child_process';
import path from 'node:path';
import { finished } from 'node:stream/promises';
import { expect, vi } from 'vitest';

const MAIN = path.join(import.meta.dirname, '..', 'main.ts');
const START_MS = 60_000;

export type ParleyProcess = {
  child: ChildProcess;
  stdout: () => string;
  stderr: () => string;
  /** The exit code, once everything it said has been heard. */
  ended: Promise<number | null>;
};

type Addresses = { url: string; directUrl: string };

/** What a process is told about its database. */
export const addressesOf = ({ url, directUrl }: Addresses): NodeJS.ProcessEnv => ({
  DATABASE_URL: url,
  DATABASE_DIRECT_URL: directUrl,
});

/**
 * One of Parley's commands as a process of its own; a `channel` ties it to the life of this one.
 * @param script `server.js` of a packed release, where it is not to be run from its sources.
 */
export function startProcess(
  args: readonly string[],
  environment: NodeJS.ProcessEnv,
  channel = false,
  script = MAIN,
): ParleyProcess {
  const child = spawn(process.execPath, [script, ...args], {
    env: { ...process.env, ...environment },
    stdio: ['ignore', 'pipe', 'pipe', ...(channel ? (['ipc'] as const) : [])],
  });
  const output = { stdout: '', stderr: '' };
  for (const name of ['stdout', 'stderr'] as const) {
    child[name]?.on('data', (text: Buffer) => (output[name] += text.toString()));
  }
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve));
  const read = [child.stdout, child.stderr].map(async (stream) => stream && (await finished(stream)));
  const ended = Promise.all([exited, ...read]).then(([code]) => code);
  return { child, stdout: () => output.stdout, stderr: () => output.stderr, ended };
}

/** @returns the address of a server that has begun to take requests. */
export async function listening({ stdout, stderr }: ParleyProcess): Promise<string> {
  return await vi.waitFor(
    () => {
      const { listening: url } = JSON.parse(stdout() || stderr()) as { listening: string };
      expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+$/);
      return url;
    },
    { timeout: START_MS, interval: 50 },
  );
}
