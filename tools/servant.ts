import { spawn, type ChildProcess } from 'node:child_process';
import { chownSync, existsSync, mkdtempSync } from 'node:fs';
import { createServer, connect, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

/** Servers refuse to run as root: "nobody" needs no entry of its own anywhere. */
export const account = process.getuid?.() === 0 ? { uid: 65_534, gid: 65_534 } : {};

/** A folder in the temporary one that the servant may write to. */
export function servantFolder(name: string): string {
  const folder = mkdtempSync(join(tmpdir(), `crossfade-${name}-`));
  give(folder);
  return folder;
}

export function give(path: string): void {
  if (account.uid !== undefined) chownSync(path, account.uid, account.gid);
}

/** The first of the places that has the program. */
export function findProgram(name: string, places: readonly string[]): string | undefined {
  const path = (process.env['PATH'] ?? '').split(delimiter);
  return [...path, ...places].map((folder) => join(folder, name)).find(existsSync);
}

export async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  await new Promise((resolve) => server.close(resolve));
  return port;
}

export interface Servant {
  /** What it has said so far. */
  readonly output: () => string;
  /** @throws Error with what it said when it ends, or takes longer than 30 s, before it accepts connections. */
  answers(port: number): Promise<void>;
  stop(): Promise<void>;
}

/** It ends within moments, or never. */
const stopLimitMs = 20_000;

/**
 * Stops the server when our end of its standard input is closed: by us, or because we are no more, however we ended. Ends with
 * the server.
 */
const keeper = `trap "" INT
exec 3<&0
"$@" 3<&- <&- & child=$!
{ read -r _ <&3; kill -INT "$child"; } & reader=$!
wait "$child"
kill "$reader" 2>/dev/null`;

/** Starts a server program that ends when we do. */
export function startServant(command: readonly string[], cwd: string): Servant {
  const child: ChildProcess = spawn('/bin/sh', ['-c', keeper, 'sh', ...command], {
    ...account,
    cwd,
    detached: true, // A group of its own, to be ended whole.
    env: { PATH: process.env['PATH'] ?? '', LC_ALL: 'C', TZ: 'UTC' },
    stdio: ['pipe', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr])
    stream?.setEncoding('utf8').on('data', (text: string) => (output = (output + text).slice(-8_000)));
  const ended = new Promise<void>((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve());
  });
  child.stdin?.on('error', () => undefined); // It has ended before us.
  return {
    output: () => output,
    async answers(port) {
      for (const untilMs = performance.now() + 30_000; performance.now() < untilMs && !isOver(child);) {
        // Whoever answers while ours has ended is somebody else, who was quicker to take the port.
        if ((await accepts(port)) && !isOver(child)) return;
        await sleep(20);
      }
      const trouble = isOver(child) ? 'ended at once' : `does not answer on port ${port}`;
      throw new Error(`${command[0]} ${trouble}:\n${output}`);
    },
    async stop() {
      child.stdin?.end();
      const late = setTimeout(() => killGroup(child), stopLimitMs);
      await ended;
      clearTimeout(late);
    },
  };
}

function killGroup({ pid }: ChildProcess): void {
  if (pid !== undefined) process.kill(-pid, 'SIGKILL');
}

function isOver({ exitCode, signalCode }: ChildProcess): boolean {
  return exitCode !== null || signalCode !== null;
}

async function accepts(port: number): Promise<boolean> {
  return await new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => {
      socket.destroy();
      resolve(true);
    });
    socket.once('error', () => resolve(false));
  });
}
