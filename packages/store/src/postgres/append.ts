import { setTimeout as sleep } from 'node:timers/promises';
import {
  chainEntries,
  entryBody,
  type AppendAnswer,
  type AppendRequest,
  type FlagDocumentRow,
  type JournalEntry,
} from '@crossfade/engine';
import type { Pool, PoolClient } from 'pg';
import { assertNewest } from '../assert-newest.ts';
import { readEntry } from '../stored-entry.ts';
import { sql } from './sql.ts';
import { CommitOutcomeUnknownError, transact } from './transact.ts';

const lockHead = sql('lock-head');
const readGuards = sql('read-append-guards');
const appendEntries = sql('append-entries');
const readHash = sql('read-hash');

const reconcileAttempts = 5;
const reconcilePauseMs = 500;

interface Guards {
  readonly now_ms: string;
  readonly leader_token: string | null;
  readonly flag_revision: string;
}

/** Appends all or nothing; see the port's contract. An unknown outcome of COMMIT is looked up, never guessed. */
export async function append(pool: Pool, request: AppendRequest): Promise<AppendAnswer> {
  let sealed: readonly JournalEntry[] = [];
  try {
    return await transact(pool, async (client) => {
      const answer = await appendWithin(client, request);
      if (answer.status === 'appended') sealed = answer.entries;
      return answer;
    });
  } catch (error) {
    const last = sealed.at(-1);
    if (!(error instanceof CommitOutcomeUnknownError) || !last) throw error;
    if (await isWritten(pool, last, error)) return { status: 'appended', entries: sealed };
    throw new Error('the connection was lost during COMMIT, and nothing was written', { cause: error });
  }
}

async function appendWithin(client: PoolClient, request: AppendRequest): Promise<AppendAnswer> {
  const head = await lockedHead(client);
  const { rows } = await client.query<Guards>(readGuards);
  const guards = rows[0];
  if (!guards) throw new Error('the guards of an append came back empty: the schema was changed by hand');
  if (request.token !== null && guards.leader_token !== String(request.token)) return { status: 'fenced' };
  if (head.seq !== request.expectedSeq) return { status: 'conflict', headSeq: head.seq };
  assertNewest(request.flagDocument, Number(guards.flag_revision));
  const entries = chainEntries(request.entries, head, Number(guards.now_ms));
  const stored = await insert(client, head, entries, request.flagDocument);
  return { status: 'appended', entries: stored };
}

async function lockedHead(client: PoolClient): Promise<{ seq: number; hash: string }> {
  const { rows } = await client.query<{ seq: string; hash: string }>(lockHead);
  if (!rows[0])
    throw new Error('crossfade.head or crossfade.lease has no row: the schema was changed by hand');
  return { seq: Number(rows[0].seq), hash: rows[0].hash };
}

async function insert(
  client: PoolClient,
  head: { seq: number; hash: string },
  entries: readonly JournalEntry[],
  flags: FlagDocumentRow | null,
): Promise<readonly JournalEntry[]> {
  const written = entries.map((entry) => ({ ...entry, body: entryBody(entry, entry.atMs) }));
  const newHead = entries.at(-1) ?? head;
  await client.query(appendEntries, [
    entries.map(({ seq }) => seq),
    entries.map(({ runId }) => runId),
    entries.map(({ atMs }) => atMs),
    entries.map(({ actor }) => actor),
    written.map(({ body }) => body),
    entries.map(({ previous }) => previous),
    entries.map(({ hash }) => hash),
    newHead.seq,
    newHead.hash,
    flags?.revision ?? null,
    flags?.digest ?? null,
    flags?.document ?? null,
  ]);
  return written.map(readEntry);
}

/**
 * Whether this entry stands in the journal. The lock on the head waits for the lost transaction to end, so that the answer
 * is final: after a "no" it cannot appear any more.
 * @throws the given error when the journal cannot be asked.
 */
async function isWritten(
  pool: Pool,
  entry: JournalEntry,
  unknown: CommitOutcomeUnknownError,
): Promise<boolean> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await transact(pool, async (client) => {
        await lockedHead(client);
        const { rows } = await client.query<{ hash: string }>(readHash, [entry.seq]);
        return rows[0]?.hash === entry.hash;
      });
    } catch {
      // Why the database cannot be asked matters less than that the outcome stays unknown.
      if (attempt === reconcileAttempts) throw unknown;
      await sleep(reconcilePauseMs);
    }
  }
}
