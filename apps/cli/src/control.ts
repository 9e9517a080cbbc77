import type { BoundPlan, ControlStore, JournalEntry, JournalState } from '@crossfade/engine';
import { emptyJournal, foldJournal } from '@crossfade/engine';
import { redactUrl } from '@crossfade/local-postgres';
import { createPostgresStore } from '@crossfade/store';
import { checkPlan } from './catalogs.ts';
import { findDatabase } from './database.ts';
import { errorText } from './error-text.ts';
import { Refusal } from './exit-codes.ts';

export interface DatabaseOptions {
  readonly database?: string;
}

/** Opens the control store for the time of `work`, and closes all that was opened for it. */
export async function withStore<T>(
  options: DatabaseOptions,
  work: (store: ControlStore, databaseUrl: string) => Promise<T>,
): Promise<T> {
  const database = await findDatabase(options.database);
  try {
    const store = await openStore(database.url);
    try {
      return await work(store, database.url);
    } finally {
      await store.close();
    }
  } finally {
    await database.close();
  }
}

async function openStore(url: string): Promise<ControlStore> {
  try {
    return await createPostgresStore({ connectionString: url });
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
