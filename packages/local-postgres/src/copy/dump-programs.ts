import { readdir } from 'node:fs/promises';
import path from 'node:path';
import { exists } from '../exists.ts';
import { runAs } from '../server-account.ts';

/** Postgres' own client programs, all of one version. */
export type DumpPrograms = { pgDump: string; pgRestore: string; psql: string; major: number };

const NAMES = ['pg_dump', 'pg_restore', 'psql'] as const;

/**
 * The oldest client programs that can dump a server of this major version: those of an older one refuse it.
 * `undefined` when there are none on PATH or where Debian and Red Hat put them.
 */
export async function findDumpPrograms(
  serverMajor: number,
  folders?: readonly string[],
): Promise<DumpPrograms | undefined> {
  const found: DumpPrograms[] = [];
  for (const folder of new Set(folders ?? (await usualFolders()))) {
    const programs = await programsIn(folder);
    if (programs !== undefined && programs.major >= serverMajor) found.push(programs);
  }
  return found.toSorted((one, other) => one.major - other.major)[0];
}

/** PATH comes last: what it has on Debian chooses a version by itself. */
async function usualFolders(): Promise<string[]> {
  const debian = await foldersIn('/usr/lib/postgresql', /^\d+$/);
  const redHat = await foldersIn('/usr', /^pgsql-\d+$/);
  const onPath = (process.env['PATH'] ?? '')
    .split(path.delimiter)
    .filter((folder) => path.isAbsolute(folder));
  return [...debian, ...redHat, ...onPath];
}

async function foldersIn(parent: string, name: RegExp): Promise<string[]> {
  if (!(await exists(parent))) return [];
  const names = (await readdir(parent)).filter((entry) => name.test(entry));
  return names.map((entry) => path.join(parent, entry, 'bin'));
}

async function programsIn(folder: string): Promise<DumpPrograms | undefined> {
  const [pgDump, pgRestore, psql] = NAMES.map((name) => path.join(folder, name));
  if (pgDump === undefined || pgRestore === undefined || psql === undefined) return undefined;
  for (const program of [pgDump, pgRestore, psql]) if (!(await exists(program))) return undefined;
  const { code, output } = await runAs(undefined, [pgDump, '--version']);
  const major = Number(/\(PostgreSQL\) (\d+)/.exec(output)?.[1]);
  return code === 0 && major > 0 ? { pgDump, pgRestore, psql, major } : undefined;
}
