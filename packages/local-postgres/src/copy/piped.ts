import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import path from 'node:path';
import { pipeline } from 'node:stream/promises';

/**
 * A program, its arguments, and the database that it works on. `script` is what it reads from its input: what must not stand in
 * arguments, which everybody on the machine may read, such as values of rows. `ours` says that the database is on a server that we
 * started: what the user has set for another one, such as PGSSLMODE, does not fit it.
 */
export type Part = { command: readonly string[]; url: string; script?: string; ours?: boolean };

const KEPT_CHARACTERS = 2000;
/** What a URL may say about the way to a server, and the variable that Postgres' own programs read it from. */
const PARAMETERS: Readonly<Record<string, string>> = {
  host: 'PGHOST',
  sslmode: 'PGSSLMODE',
  sslrootcert: 'PGSSLROOTCERT',
  sslcert: 'PGSSLCERT',
  sslkey: 'PGSSLKEY',
};

/**
 * Runs two programs, the output of the first being the input of the second, and waits for both.
 * @throws Error with what the one that failed said, the reader first: when it ends, the writer fails too.
 */
export async function piped(from: Part, to: Part, signal?: AbortSignal): Promise<void> {
  signal?.throwIfAborted();
  const writer = start(from);
  const reader = start(to);
  const kill = (): void => [writer, reader].forEach(({ child }) => void child.kill('SIGKILL'));
  signal?.addEventListener('abort', kill, { once: true });
  try {
    const { stdout } = writer.child;
    const { stdin } = reader.child;
    if (stdout === null || stdin === null) throw new Error('a program was started without a pipe');
    const flow = pipeline(stdout, stdin).catch(() => undefined); // Which of them ended, and why, it says itself.
    reader.child.stdout?.resume();
    const [read, written] = await Promise.all([reader.ended, writer.ended, flow]);
    signal?.throwIfAborted();
    if (read !== undefined) throw new Error(read);
    if (written !== undefined) throw new Error(written);
  } finally {
    signal?.removeEventListener('abort', kill);
    kill();
  }
}

type Started = { child: ChildProcess; ended: Promise<string | undefined> };

/** `ended` is what is wrong, `undefined` when nothing is. */
function start({ command, url, script, ours = false }: Part): Started {
  const [program = '', ...args] = command;
  const child = spawn(program, args, { stdio: ['pipe', 'pipe', 'pipe'], env: environmentFor(url, ours) });
  // A program that ends before it has read everything says why itself.
  if (script !== undefined) child.stdin.on('error', () => undefined).end(script);
  let said = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    said = (said + text).slice(-KEPT_CHARACTERS);
  });
  const ended = new Promise<string | undefined>((resolve) => {
    child.once('error', (error) => resolve(`${program}: ${error.message}`));
    child.once('close', (code, signal) => {
      const how = signal === null ? `exit code ${code}` : `killed by ${signal}`;
      resolve(code === 0 ? undefined : `${path.basename(program)} failed (${how}): ${said.trim()}`);
    });
  });
  return { child, ended };
}

/** What would lead to another server than the address does, or change what is done there: a service comes before a host. */
const elsewhere = new Set([
  'PGSERVICE',
  'PGSERVICEFILE',
  'PGHOSTADDR',
  'PGOPTIONS',
  'PGTARGETSESSIONATTRS',
  'PGREQUIRESSL',
]);

/** In variables and not in arguments, which everybody on the machine may read. */
function environmentFor(url: string, ours: boolean): NodeJS.ProcessEnv {
  const { hostname, port, username, password, pathname, searchParams } = new URL(url);
  const given = Object.entries(PARAMETERS).flatMap(([name, variable]) => {
    const value = searchParams.get(name);
    // The driver's own word for a certificate that nobody looks at.
    return value === null ? [] : [[variable, value === 'no-verify' ? 'require' : value]];
  });
  const own = Object.entries(process.env).filter(
    ([name]) => !elsewhere.has(name) && !(ours && name.startsWith('PG')),
  );
  return {
    ...Object.fromEntries(own),
    LC_ALL: 'C',
    PGCONNECT_TIMEOUT: '10',
    // The same at both ends: what one writes, the other reads.
    PGDATESTYLE: 'ISO, YMD',
    PGTZ: 'UTC',
    PGCLIENTENCODING: 'UTF8',
    ...(hostname === '' ? {} : { PGHOST: hostname.replaceAll(/[[\]]/g, '') }),
    ...(port === '' ? {} : { PGPORT: port }),
    ...(username === '' ? {} : { PGUSER: decodeURIComponent(username) }),
    ...(password === '' ? {} : { PGPASSWORD: decodeURIComponent(password) }),
    ...(pathname.length > 1 ? { PGDATABASE: decodeURIComponent(pathname.slice(1)) } : {}),
    ...Object.fromEntries(given),
  };
}
