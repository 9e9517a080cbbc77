import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { openDatabase, redactUrl } from '@crossfade/local-postgres';
import { errorText } from './error-text.ts';
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
  // An unset variable of a shell: to work on another database then would be the worst answer.
  if (given !== undefined && url === '')
    throw new Refusal('--database is empty: expected postgres://user:password@host:port/name');
  if (url) {
    if (!/^postgres(ql)?:\/\//i.test(url)) {
      const place = given === undefined ? 'DATABASE_URL' : '--database';
      throw new Refusal(`${place} ${redactUrl(url)}: expected postgres://user:password@host:port/name`);
    }
    return { url, close: leaveOpen };
  }
  const session = readSession();
  if (session) return { url: session.databaseUrl, close: leaveOpen };
  if (!existsSync(embeddedFolder)) {
    throw new Refusal(
      `no database is known in ${resolve(workFolder)}: set DATABASE_URL (or --database), go to the folder where ` +
        'Crossfade runs, or start the demonstration here with "npm start"',
    );
  }
  return openEmbedded();
}

async function openEmbedded(): Promise<FoundDatabase> {
  try {
    const { url, close } = await openDatabase({ directory: embeddedFolder, databaseName, env: {} });
    return { url, close };
  } catch (error) {
    // In use by another command of ours, most often: it says by which.
    throw new Refusal(errorText(error), { cause: error });
  }
}
