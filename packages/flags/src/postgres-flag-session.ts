import { Socket } from 'node:net';
import { Client } from 'pg';
import { segmentsNeededBy } from './flag-document.ts';
import type { FlagSnapshot } from './flag-source.ts';
import { knownMembers } from './known-members.ts';
import type { KnownMembers } from './known-members.ts';

export interface PublishedFlags {
  readonly revision: number;
  readonly digest: string;
}

/** One connection that listens. Every call ends in bounded time; after one failed, the session is of no use. */
export interface FlagSession {
  /** False behind a pooler, where no notification arrives. */
  readonly listens: boolean;
  /** The newest publication; undefined where nothing was ever published, or Crossfade's tables are not there. */
  readNewest(): Promise<PublishedFlags | undefined>;
  /**
   * The newest publication with the segments that it asks for, both of the same moment. Of a segment that this session has read
   * before only new members are read; one without any is the very same set.
   */
  readSnapshot(): Promise<FlagSnapshot | undefined>;
  /** @throws {Error} the reason, when the connection has been lost. */
  assertAlive(): void;
  close(): void;
}

const connectTimeoutMs = 5_000;
const queryTimeoutMs = 5_000;
/** In one message with BEGIN, and gone with the transaction: behind a pooler the next one there may be somebody else's. */
const limits = 'set local statement_timeout = 4000; set local lock_timeout = 4000';

interface SessionOptions {
  readonly connectionString: string;
  readonly applicationName?: string;
}

/** `onEvent` is called when there may be a publication, and when the connection is lost. */
export async function connectFlagSession(
  { connectionString, applicationName = 'crossfade-flags' }: SessionOptions,
  { onEvent, stop }: { readonly onEvent: () => void; readonly stop: AbortSignal },
): Promise<FlagSession> {
  // Ours, so that it can be cut: a polite end waits for a server that may be gone.
  const socket = new Socket();
  const client = new Client({
    connectionString,
    application_name: applicationName,
    connectionTimeoutMillis: connectTimeoutMs,
    query_timeout: queryTimeoutMs,
    keepAlive: true,
    stream: () => socket,
  });
  let lost: Error | undefined;
  const lose = (error: Error): void => {
    lost ??= error;
    onEvent();
  };
  client.on('error', lose);
  client.on('end', () => lose(new Error('the connection to the flags’ database has ended')));
  client.on('notification', onEvent);
  const cut = (): void => void socket.destroy();
  stop.addEventListener('abort', cut);
  const close = (): void => {
    stop.removeEventListener('abort', cut);
    cut();
  };
  let listens: boolean;
  const members = knownMembers();
  try {
    await client.connect();
    listens = await isServerItself(client);
    if (listens) await client.query('listen crossfade_flags');
  } catch (error) {
    close();
    throw error;
  }
  return {
    listens,
    readNewest: async () => await readNewest(client),
    readSnapshot: async () => await readSnapshot(client, members),
    assertAlive() {
      if (lost !== undefined) throw lost;
    },
    close,
  };
}

/**
 * A pooler gives each client a process number of its own making, which the driver keeps and its types do not know. There, a
 * server connection would listen for whoever comes next.
 */
async function isServerItself(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ pid: number }>('select pg_backend_pid() as pid');
  return 'processID' in client && client.processID === rows[0]?.pid;
}

async function readNewest(client: Client): Promise<PublishedFlags | undefined> {
  await client.query(`begin read only; ${limits}`);
  const newest = (await tablesArePresent(client)) ? await readRevision(client) : undefined;
  await client.query('commit');
  return newest;
}

/** Asked for by name first, since reading a table that is not there would fill the server's log with errors. */
async function tablesArePresent(client: Client): Promise<boolean> {
  const { rows } = await client.query<{ present: boolean }>(
    `select count(*) = 2 as present
       from pg_catalog.pg_class c join pg_catalog.pg_namespace n on n.oid = c.relnamespace
      where n.nspname = 'crossfade' and c.relname in ('flag_documents', 'segment_members')`,
  );
  return rows[0]?.present === true;
}

async function readRevision(client: Client): Promise<PublishedFlags | undefined> {
  const { rows } = await client.query<{ revision: string; digest: string }>(
    'select revision, digest from crossfade.flag_documents order by revision desc limit 1',
  );
  return rows[0] && { revision: Number(rows[0].revision), digest: rows[0].digest };
}

interface DocumentRow {
  readonly revision: string;
  readonly digest: string;
  readonly document: string;
}

/**
 * Only segments that the document asks for are read, each of which may be large: switching a flag off must not wait for, or
 * fail with, the members of what it was on for.
 */
async function readSnapshot(client: Client, members: KnownMembers): Promise<FlagSnapshot | undefined> {
  // One transaction sees one moment: never a document with the members of another.
  await client.query(`begin isolation level repeatable read, read only; ${limits}`);
  const documents = await client.query<DocumentRow>(
    'select revision, digest, document from crossfade.flag_documents order by revision desc limit 1',
  );
  const row = documents.rows[0];
  const needed = documents.rows.flatMap(({ document }) => [...segmentsNeededBy(document)]);
  const segments = await members.read(client, needed);
  await client.query('commit');
  return row && { ...row, revision: Number(row.revision), segments };
}
