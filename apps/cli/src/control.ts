import type { BoundPlan, ControlStore, JournalEntry, JournalState } from '@crossfade/engine';
import { emptyJournal, foldJournal } from '@crossfade/engine';
import { redactUrl } from '@crossfade/local-postgres';
import { createMemoryStore, createPostgresStore, openPostgresStore } from '@crossfade/store';
import { checkPlan } from './catalogs.ts';
import { findDatabase } from './database.ts';
import { DatabaseAwayError, isDatabaseAway } from './database-away.ts';
import { errorText } from './error-text.ts';
import { Refusal } from './exit-codes.ts';

export interface DatabaseOptions {
  readonly database?: string;
}

type Work<T> = (store: ControlStore, databaseUrl: string) => Promise<T>;

/**
 * Opens the control store for the time of `work`, and closes all that was opened for it. Where no plan was run, there is
 * none: an empty journal is looked at then, and nothing is written into a database that may be somebody else's.
 */
export async function withStore<T>(options: DatabaseOptions, work: Work<T>): Promise<T> {
  const open = async (connectionString: string) =>
    (await openPostgresStore({ connectionString })) ?? createMemoryStore();
  return await withOpened(options, open, work);
}

/** The same, and makes the store where there is none. */
export async function withPreparedStore<T>(options: DatabaseOptions, work: Work<T>): Promise<T> {
  const open = async (connectionString: string) => await createPostgresStore({ connectionString });
  return await withOpened(options, open, work);
}

type OpenStore = (databaseUrl: string) => Promise<ControlStore>;

async function withOpened<T>(options: DatabaseOptions, open: OpenStore, work: Work<T>): Promise<T> {
  return await withDatabase(options, async (databaseUrl) => {
    const store = await opened(databaseUrl, open);
    try {
      return await work(store, databaseUrl);
    } catch (error) {
      throw isDatabaseAway(error) ? new DatabaseAwayError(databaseUrl, error) : error;
    } finally {
      await store.close();
    }
  });
}

/** Finds the database a command works on; an embedded one runs for the time of `work`. */
export async function withDatabase<T>(
  options: DatabaseOptions,
  work: (databaseUrl: string) => Promise<T>,
): Promise<T> {
  const database = await findDatabase(options.database);
  try {
    return await work(database.url);
  } finally {
    await database.close();
  }
}

async function opened(url: string, open: OpenStore): Promise<ControlStore> {
  try {
    return await open(url);
  } catch (error) {
    throw new Refusal(`cannot use the database ${redactUrl(url)}: ${errorText(error)}`, { cause: error });
  }
}

export interface LoadedJournal {
  readonly entries: readonly JournalEntry[];
  readonly journal: JournalState;
}

export async function loadJournal(store: ControlStore): Promise<LoadedJournal> {
  const entries = await store.readJournal(0);
  return { entries, journal: foldJournal(emptyJournal, entries) };
}

/**
 * The plan of the newest run as it was when the run started, whatever has become of its files since; undefined before the
 * first run.
 * @throws Refusal when the stored plan is missing, or no longer valid for this Crossfade.
 */
export async function pinnedPlan(store: ControlStore, journal: JournalState): Promise<BoundPlan | undefined> {
  if (!journal.run) return undefined;
  const digest = journal.run.start.planDigest;
  const files = await store.loadPlan(digest);
  if (!files) throw new Refusal(`the plan ${digest} of run ${journal.run.runId} is not in the database`);
  const { bound, findings } = checkPlan(files);
  if (!bound) {
    throw new Refusal(
      `this Crossfade does not understand the plan of run ${journal.run.runId}: ${findings[0]?.message}`,
    );
  }
  return bound;
}
