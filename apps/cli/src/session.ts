import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { z } from 'zod';

/** Crossfade's own folder in a project (CROSSFADE_FOLDER, .crossfade by default): embedded database, logs, report. */
export const workFolder = process.env['CROSSFADE_FOLDER'] || '.crossfade';

const sessionSchema = z.object({
  pid: z.number().int(),
  databaseUrl: z.string(),
  applicationUrls: z.array(z.string()),
  planFolder: z.string(),
});

/** What a running `npm start` tells other commands, so that they find its database without being told. */
export type Session = z.infer<typeof sessionSchema>;

const sessionFile = join(workFolder, 'session.json');

/** Readable by its owner alone: the database URL holds a password. */
export function writeSession(session: Session): void {
  mkdirSync(dirname(sessionFile), { recursive: true });
  writeFileSync(sessionFile, `${JSON.stringify(session, null, 2)}\n`, { mode: 0o600 });
}

export function removeSession(): void {
  rmSync(sessionFile, { force: true });
}

/** The session whose process is still alive; undefined where there is none, or only what a killed one left. */
export function readSession(): Session | undefined {
  let text: string;
  try {
    text = readFileSync(sessionFile, 'utf8');
  } catch (error) {
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
    throw error;
  }
  const session = sessionSchema.safeParse(parseJson(text));
  return session.success && isAlive(session.data.pid) ? session.data : undefined;
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

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
