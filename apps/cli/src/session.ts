import { mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { identifyProcess, isSameProcess } from '@crossfade/local-postgres';
import { z } from 'zod';
import { Refusal } from './exit-codes.ts';

/** Crossfade's own folder in a project (CROSSFADE_FOLDER, .crossfade by default): embedded database, logs, report. */
export const workFolder = process.env['CROSSFADE_FOLDER']?.trim() || '.crossfade';

const sessionSchema = z.object({
  pid: z.number().int(),
  /** Of that process: its id may belong to another one by now. */
  startedAt: z.string(),
  databaseUrl: z.string(),
  applicationUrls: z.array(z.string()),
});

/** What a running `npm start` tells other commands, so that they find its database without being told. */
export type Session = z.infer<typeof sessionSchema>;

const sessionFile = join(workFolder, 'session.json');

/**
 * Says that this process runs the demonstration here. Readable by its owner alone: the database URL holds a password. Renamed
 * into place, so that nobody ever reads half of it.
 */
export function writeSession(told: Omit<Session, 'pid' | 'startedAt'>): void {
  const me = identifyProcess(process.pid);
  if (me === undefined) throw new Error(`cannot find out when this process (${process.pid}) started`);
  mkdirSync(dirname(sessionFile), { recursive: true });
  const half = `${sessionFile}.${process.pid}`;
  writeFileSync(half, `${JSON.stringify({ ...me, ...told }, null, 2)}\n`, { mode: 0o600 });
  renameSync(half, sessionFile);
}

/** Removes what this process wrote; another one's session stays. */
export function removeSession(): void {
  const written = readFile();
  if (written === undefined || written.pid === process.pid) rmSync(sessionFile, { force: true });
}

/** The session whose process is still alive; undefined where there is none, or only what a killed one left. */
export function readSession(): Session | undefined {
  const session = readFile();
  return session && isSameProcess(session) ? session : undefined;
}

/** What the file says, whoever wrote it; undefined where there is none, or one that an older version wrote. */
function readFile(): Session | undefined {
  let text: string;
  try {
    text = readFileSync(sessionFile, 'utf8');
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    if (error.code === 'ENOENT') return undefined;
    throw new Refusal(
      `CROSSFADE_FOLDER ${workFolder} cannot be used (${String(error.code)}): expected a folder that this account may write to`,
      { cause: error },
    );
  }
  return sessionSchema.safeParse(parseJson(text)).data;
}

/** The application of the running `npm start`, when it is its database that is worked on; else none is known. */
export function sessionApplicationUrls(databaseUrl: string): readonly string[] {
  const session = readSession();
  return session?.databaseUrl === databaseUrl ? session.applicationUrls : [];
}

/** Half a file, left by a kill in mid-write, is no session. */
function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
