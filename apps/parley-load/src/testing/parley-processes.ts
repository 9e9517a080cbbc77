import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { finished } from 'node:stream/promises';
import { fileURLToPath } from 'node:url';

const PARLEY = fileURLToPath(new URL('../../../parley-server/src/main.ts', import.meta.url));
const LOAD = fileURLToPath(new URL('../main.ts', import.meta.url));
const START_DEADLINE_MS = 60_000;

export interface ParleyServer {
  readonly url: string;
  readonly child: ChildProcess;
}

/** Runs one of Parley's commands to its end. */
export async function runParley(databaseUrl: string, ...argv: string[]): Promise<void> {
  const child = spawn(process.execPath, [PARLEY, ...argv], {
    env: { ...process.env, DATABASE_URL: databaseUrl },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  const errors = collect(child);
  const [code] = await once(child, 'close');
  if (code !== 0) throw new Error(`parley ${argv.join(' ')}: expected exit code 0, got ${code}\n${errors()}`);
}

/** Starts a server as its own process, on a free port unless one is given. */
export async function startParley(databaseUrl: string, port = 0): Promise<ParleyServer> {
  const child = spawn(process.execPath, [PARLEY, 'serve', '--port', String(port), '--host', '127.0.0.1'], {
    env: { ...process.env, DATABASE_URL: databaseUrl, LOG_LEVEL: 'warn' },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  const errors = collect(child);
  const lines = createInterface({ input: child.stdout });
  const deadline = setTimeout(() => child.kill('SIGKILL'), START_DEADLINE_MS);
  for await (const line of lines) {
    const announced: unknown = JSON.parse(line);
    if (typeof announced !== 'object' || announced === null || !('listening' in announced)) continue;
    clearTimeout(deadline);
    child.stdout.resume();
    return { url: String(announced.listening), child };
  }
  throw new Error(`parley serve: expected it to listen, but it ended\n${errors()}`);
}

export async function endProcess(child: ChildProcess, signal: NodeJS.Signals): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = once(child, 'exit');
  child.kill(signal);
  await ended;
}

/** The newest flag document that a server goes by. */
export async function flagRevision(server: ParleyServer): Promise<number> {
  const metrics = await (await fetch(`${server.url}/metrics`)).text();
  return Number(/^parley_flag_document_revision (\d+)/m.exec(metrics)?.[1]);
}

/** The load generator as the demonstration starts it: with a channel to its parent. */
export function startLoad(argv: readonly string[]): {
  child: ChildProcess;
  messages: unknown[];
  /** Its end, once everything it said before has been heard too. */
  ended: Promise<{ code: number | null; errors: string }>;
} {
  const child = spawn(process.execPath, [LOAD, ...argv], { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
  const messages: unknown[] = [];
  child.on('message', (message) => messages.push(message));
  const errors = collect(child);
  // Not 'close': it never comes for a channel that the test itself has closed.
  const said = child.stderr === null ? undefined : finished(child.stderr);
  const ended = Promise.all([once(child, 'exit'), once(child, 'disconnect'), said]).then(() => ({
    code: child.exitCode,
    errors: errors(),
  }));
  return { child, messages, ended };
}

function collect(child: ChildProcess): () => string {
  let text = '';
  child.stderr?.setEncoding('utf8').on('data', (chunk: string) => {
    text = (text + chunk).slice(-20_000);
  });
  return () => text;
}
