import { createPostgresTarget } from '@crossfade/controller';
import {
  emptyJournal,
  foldJournal,
  verifyChain,
  type JournalEntry,
  type TargetConnection,
} from '@crossfade/engine';
import { catalogDigest } from '@crossfade/steps';
import { createPostgresStore } from '@crossfade/store';
import { everyMilestone, nameOf } from './milestones.ts';
import { isMilestone } from './writes-out-of-reach.ts';

/** What a run leaves in its database. */
export interface Remains {
  readonly entries: readonly JournalEntry[];
  readonly schema: string;
  /** Everything about the messages from before the run that the plan must not touch, as one digest. */
  readonly frozenRows: string;
  /** What the plan has filled in for them; empty where the column is not there. */
  readonly filled: string;
  /** How many messages, old and new, have not what the plan gives every message. */
  readonly unfilled: number;
}

export async function readRemains(databaseUrl: string): Promise<Remains> {
  const store = await createPostgresStore({ connectionString: databaseUrl });
  const target = createPostgresTarget({ connectionString: databaseUrl });
  try {
    const entries = await store.readJournal(0);
    const options = { applicationName: 'examine', signal: AbortSignal.timeout(60_000) };
    return await target.withConnection(options, async (connection) => {
      const digestOf = async (columns: string): Promise<string> => {
        const { rows } = await connection.query<{ digest: string }>(
          `select count(*) || ':' || md5(string_agg(concat_ws('|', ${columns}), ',' order by external_id)) as digest
             from public.messages where external_id is not null`,
        );
        return rows[0]?.digest ?? '';
      };
      const { rowCount } = await connection.query(
        `select from pg_attribute where attrelid = 'public.messages'::regclass and attname = 'body_search'`,
      );
      const isThere = (rowCount ?? 0) > 0;
      return {
        entries,
        schema: (await catalogDigest(connection)).digest,
        frozenRows: await digestOf(
          'external_id, id, conversation_id, seq, sender_id, thread_id, body, created_at, edited_at, edit_version',
        ),
        filled: isThere ? await digestOf('external_id, body_search::text') : '',
        unfilled: isThere ? await unfilledRows(connection) : 0,
      };
    });
  } finally {
    await store.close();
  }
}

async function unfilledRows(connection: TargetConnection): Promise<number> {
  const { rows } = await connection.query<{ unfilled: number }>(
    `select count(*)::int as unfilled from public.messages
      where body_search is distinct from to_tsvector('pg_catalog.simple', body)`,
  );
  return rows[0]?.unfilled ?? 0;
}

/** Those of the places for a fault that this run has not passed: there, no fault would ever strike. */
export function missedMilestones(entries: readonly JournalEntry[]): readonly string[] {
  return everyMilestone
    .filter((milestone) => !entries.some((entry) => isMilestone(entry, milestone)))
    .map((milestone) => `it did not pass ${nameOf(milestone)}`);
}

/** What every run's journal must show, however it went. */
export function problemsOfJournal(entries: readonly JournalEntry[]): readonly string[] {
  const problems: string[] = [];
  const chain = verifyChain(entries);
  if (!chain.ok) problems.push(`the journal's chain is broken: ${JSON.stringify(chain)}`);
  const finished = entries.flatMap(({ event }) => (event.type === 'effect.finished' ? [event.key] : []));
  const twice = finished.filter((key, index) => finished.indexOf(key) !== index);
  if (twice.length > 0) problems.push(`effects finished twice: ${twice.join(', ')}`);
  const completed = entries.flatMap(({ runId, event }) =>
    event.type === 'step.completed' ? [`${runId} ${event.step}`] : [],
  );
  const again = completed.filter((step, index) => completed.indexOf(step) !== index);
  if (again.length > 0) problems.push(`steps completed twice: ${again.join(', ')}`);
  return problems;
}

export function statusOf(entries: readonly JournalEntry[]): string {
  return foldJournal(emptyJournal, entries).run?.status ?? 'no run';
}
