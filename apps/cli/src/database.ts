import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { openDatabase, redactUrl } from '@crossfade/local-postgres';
import { Refusal } from './exit-codes.ts';
import { readSession, workFolder } from './session.ts';

export interface FoundDatabase {
  readonly url: string;
  close(): Promise<void>;
}

export const embeddedFolder = join(workFolder, 'postgres');
export const databaseName = 'parley';

const leaveOpen = () => Promise.resolve();

/** Whether `findDatabase` has one to try. */
export function isDatabaseKnown(given: string | undefined): boolean {
  const url = (given ?? process.env['DATABASE_URL'])?.trim();
  return Boolean(url) || readSession() !== undefined || existsSync(embeddedFolder);
}

/**
 * The database a command works on: `--database`, else DATABASE_URL, else the one of a running `npm start`, else the embedded
 * one that an earlier `npm start` left (started for this command and stopped after it).
 * @throws Refusal when there is none.
 */
export async function findDatabase(given: string | undefined): Promise<FoundDatabase> {
  const url = (given ?? process.env['DATABASE_URL'])?.trim();
  if (url) {
    if (!/^postgres(ql)?:\/\//.test(url)) {
      const place = given === undefined ? 'DATABASE_URL' : '--database';
      throw new Refusal(`${place} ${redactUrl(url)}: expected postgres://user:password@host:port/name`);
    }
    return { url, close: leaveOpen };
  }
  const session = readSession();
  if (session) return { url: session.databaseUrl, close: leaveOpen };
  if (!existsSync(embeddedFolder)) {
    throw new Refusal(
      'no database: set DATABASE_URL (or --database), or start the demonstration here with "npm start"',
    );
  }
  const opened = await openDatabase({ directory: embeddedFolder, databaseName, env: {} });
  return { url: opened.url, close: opened.close };
}
