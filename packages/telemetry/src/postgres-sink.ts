import { Socket } from 'node:net';
import { DatabaseError, Pool, type PoolClient } from 'pg';
import { BatchRefusedError, type TelemetryBatch, type TelemetrySink } from './batch.ts';
import { statements } from './statements.ts';

export interface PostgresTelemetrySinkOptions {
  readonly connectionString: string;
  /** The connection's name in pg_stat_activity; "crossfade-telemetry" when not given. */
  readonly applicationName?: string;
}

export interface PostgresTelemetrySink extends TelemetrySink {
  /** @param source who says so, for whoever judges by it; "application" when not given: one of its own processes. */
  send(batch: TelemetryBatch, source?: string): Promise<void>;
}

const timeoutMs = 10_000;
const partingMs = 500;
/** In one message with BEGIN, and gone with the transaction: behind a pooler the next one there may be somebody else's. */
const begin = 'begin; set local statement_timeout = 8000; set local lock_timeout = 4000';

/**
 * Writes what was noted into the schema `crossfade` of a Postgres database, over one connection that is opened when it is needed.
 * Where Crossfade has never run there is no place for it, and it is let go: nobody has opened a flag there.
 */
export function postgresTelemetrySink(options: PostgresTelemetrySinkOptions): PostgresTelemetrySink {
  const { connectionString, applicationName = 'crossfade-telemetry' } = options;
  // Ours, so that they can be cut: a polite end waits for a server that may be gone.
  const sockets = new Set<Socket>();
  const pool = new Pool({
    connectionString,
    application_name: applicationName,
    max: 1,
    idleTimeoutMillis: 60_000,
    connectionTimeoutMillis: timeoutMs,
    query_timeout: timeoutMs,
    keepAlive: true,
    allowExitOnIdle: true,
    stream: () => openSocket(sockets),
  });
  let closing: Promise<void> | undefined;
  const close = async (): Promise<void> => {
    const cut = setTimeout(() => sockets.forEach((socket) => socket.destroy()), partingMs);
    await pool.end();
    clearTimeout(cut);
  };
  // Lost while it was idle: the next batch opens another one.
  pool.on('error', () => undefined);
  return {
    send: async (batch, source = 'application') => await send(pool, batch, source),
    close: async () => await (closing ??= close()),
  };
}

function openSocket(sockets: Set<Socket>): Socket {
  const socket = new Socket();
  sockets.add(socket);
  socket.once('close', () => sockets.delete(socket));
  return socket;
}

async function send(pool: Pool, batch: TelemetryBatch, source: string): Promise<void> {
  const client = await pool.connect();
  let broken = true;
  try {
    await writeBatch(client, batch, source);
    broken = false;
  } catch (error) {
    if (isForGood(error))
      throw new BatchRefusedError(`the database refuses it: ${error.message}`, { cause: error });
    throw error;
  } finally {
    client.release(broken);
  }
}

/** A value that a column cannot hold (class 22), or that breaks a rule of the table (class 23). */
function isForGood(error: unknown): error is DatabaseError {
  return error instanceof DatabaseError && /^2[23]/.test(error.code ?? '');
}

/** In one transaction. One that was written before changes nothing; where there are no tables for it, it is let go. */
async function writeBatch(client: PoolClient, batch: TelemetryBatch, source: string): Promise<void> {
  await client.query(begin);
  if (await tablesArePresent(client)) await write(client, batch, source);
  await client.query('commit');
}

async function tablesArePresent(client: PoolClient): Promise<boolean> {
  const { rows } = await client.query<{ present: boolean }>(statements.tablesArePresent);
  return rows[0]?.present === true;
}

async function write(client: PoolClient, batch: TelemetryBatch, source: string): Promise<void> {
  const { id, process, dropped, exposures, uses, windows, receipts } = batch;
  const { rowCount } = await client.query(statements.insertBatch, [id, process, source, dropped]);
  if (rowCount === 0) return;
  if (exposures.length > 0) {
    await client.query(statements.upsertExposures, [
      exposures.map(({ flag }) => flag),
      exposures.map(({ person }) => person),
      exposures.map(({ variant }) => variant),
      exposures.map(({ revision }) => revision),
      exposures.map(({ ageMs }) => ageMs),
    ]);
  }
  if (uses.length > 0) {
    await client.query(statements.upsertUses, [
      uses.map(({ event }) => event),
      uses.map(({ person }) => person),
      uses.map(({ count }) => count),
      uses.map(({ ageMs }) => ageMs),
    ]);
  }
  for (const { flag, variant, lengthMs, ageMs, people, requests, failed, slow } of windows) {
    await client.query(statements.insertWindow, [
      id,
      flag,
      variant,
      lengthMs,
      ageMs,
      people,
      requests,
      failed,
      slow,
    ]);
  }
  for (const { revision, ageMs } of receipts) {
    await client.query(statements.insertReceipt, [revision, process, ageMs]);
  }
  if (Math.random() < 0.01) await client.query(statements.forgetOldWindows);
}
