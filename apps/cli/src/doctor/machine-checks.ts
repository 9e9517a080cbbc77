import { spawnSync } from 'node:child_process';
import { statfsSync } from 'node:fs';
import { createServer } from 'node:net';
import { once } from 'node:events';
import { installedPostgres } from '@crossfade/local-postgres';
import { note, ok, problem, warning, type Check, type Seen } from './finding.ts';
import { lookAtLeftOvers } from './left-overs.ts';
import { lookAtWorkFolder } from './work-folder.ts';

const mebibyte = 1024 * 1024;

/** What the machine must give, in the order in which one would look. */
export function machineChecks(hasOwnDatabase: boolean): Check[] {
  const checks: [string, Check['look']][] = [
    ['node', lookAtNode],
    ['postgres', () => lookAtPostgres(hasOwnDatabase)],
    ['work folder', () => lookAtWorkFolder(hasOwnDatabase)],
    ['memory', lookAtMemory],
    ['shared memory', lookAtSharedMemory],
    ['open files', lookAtOpenFiles],
    ['ports', lookAtPorts],
    ['left over', lookAtLeftOvers],
  ];
  return checks.map(([topic, look]) => ({ area: 'machine', topic, look }));
}

function lookAtNode(): Seen[] {
  const outer = process.env['CROSSFADE_OUTER_NODE'];
  const by = outer === undefined ? '' : `, started by the machine's ${outer}`;
  const text = `Node ${process.version} on ${process.platform}-${process.arch}${by}`;
  if (process.platform === 'linux' || process.platform === 'darwin') return [ok(text)];
  return [problem(text, 'Crossfade runs on Linux and macOS; on Windows under WSL')];
}

async function lookAtPostgres(hasOwnDatabase: boolean): Promise<Seen[]> {
  try {
    const asRoot = process.getuid?.() === 0 ? '; as root it runs as the user nobody' : '';
    return [ok(`the embedded Postgres can be started (${await installedPostgres()})${asRoot}`)];
  } catch (error) {
    if (!hasOwnDatabase) throw error;
    return [note('there is no embedded Postgres here; DATABASE_URL is used, so none is needed')];
  }
}

function lookAtMemory(): Seen[] {
  const free = Math.round(process.availableMemory() / mebibyte);
  const what = `${free} MB of memory are free`;
  if (free >= 700) return [ok(what)];
  const todo = '"npm start" takes about 700 MB: end something, or give the container more';
  return [free < 250 ? problem(what, todo) : warning(what, todo)];
}

/** Docker gives 64 MB, which a parallel query of Postgres can fill; ours then works with files. */
function lookAtSharedMemory(): Seen[] {
  if (process.platform !== 'linux') return [];
  const size = bytesOf('/dev/shm');
  if (size === undefined)
    return [note('there is no /dev/shm: the embedded Postgres works with files instead')];
  const what = `/dev/shm holds ${Math.round(size / mebibyte)} MB`;
  return [size < 256 * mebibyte ? note(`${what}: the embedded Postgres works with files instead`) : ok(what)];
}

function bytesOf(folder: string): number | undefined {
  try {
    const { bsize, blocks } = statfsSync(folder);
    return bsize * blocks;
  } catch {
    return undefined; // No such folder, or none that we may look into: Postgres could not use it either.
  }
}

function lookAtOpenFiles(): Seen[] {
  const { stdout } = spawnSync('/bin/sh', ['-c', 'ulimit -n'], { encoding: 'utf8', timeout: 2_000 });
  const limit = stdout.trim() === 'unlimited' ? Infinity : Number(stdout);
  if (limit >= 512) return [ok(`a process may open ${limit} files`)];
  return [warning(`a process may open only ${limit} files`, 'raise it before you start: ulimit -n 4096')];
}

async function lookAtPorts(): Promise<Seen[]> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  server.close();
  return [ok('ports can be opened on 127.0.0.1')];
}
