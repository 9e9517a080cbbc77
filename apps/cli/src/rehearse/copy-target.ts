import { join, resolve } from 'node:path';
import {
  copyByDump,
  cutOffForeignServers,
  findDumpPrograms,
  findRunningCluster,
  formatBytes,
  NoRoomError,
  removeEmbeddedPostgres,
  startEmbeddedPostgres,
  type EmbeddedPostgres,
  type RunningCluster,
  type SampleSize,
} from '@crossfade/local-postgres';
import pg from 'pg';
import { errorText } from '../error-text.ts';
import { Refusal } from '../exit-codes.ts';
import { refuseForeignFolder } from './refuse-foreign-folder.ts';

export interface CopyOptions {
  /** The server itself, past any pooler. */
  readonly sourceUrl: string;
  /** Where the copy is made; whatever a killed rehearsal left there is removed first. */
  readonly directory: string;
  readonly sample: SampleSize | undefined;
  readonly signal: AbortSignal;
  /** Told what takes long, a line each. */
  readonly tell: (line: string) => void;
}

export interface Copy {
  readonly database: string;
  readonly way: 'files' | 'dump';
  readonly sourceServer: string;
  readonly server: string;
  readonly sizeBytes: number;
  readonly tookMs: number;
  /** Tables whose rows are not in the copy, since the log does not have them. */
  readonly emptyTables: readonly string[];
  /** As whom the plan is carried out: who we are in the source. */
  readonly url: string;
  readonly superuserUrl: string;
  readonly port: number;
  readonly passwordFile: string;
  /** Ends the server and removes the files. */
  readonly remove: () => Promise<void>;
}

interface Source {
  readonly database: string;
  readonly version: string;
  readonly major: number;
  readonly sizeBytes: number;
}

const mebibyte = 1024 * 1024;
/** Of the embedded Postgres. */
const newestMajor = 18;

/**
 * Makes a copy of a database in a cluster of its own, which ends with this process. Of an embedded one its files are copied; of any
 * other, what pg_dump reads.
 * @throws Refusal when it cannot be made: nothing was changed then, and nothing is left.
 */
export async function copyTarget(options: CopyOptions): Promise<Copy> {
  const { directory, sourceUrl, sample, tell } = options;
  await refuseForeignFolder(directory);
  const source = await lookAtSource(sourceUrl);
  const cluster = sample === undefined ? await findRunningCluster(sourceUrl) : undefined;
  const startedMs = performance.now();
  try {
    await removeEmbeddedPostgres(directory);
    tell(
      `Copying the database "${source.database}" (${formatBytes(cluster?.sizeBytes ?? source.sizeBytes)}) …`,
    );
    const made = cluster ? await copyFiles(options, cluster, source) : await copyContents(options, source);
    return { ...made, tookMs: performance.now() - startedMs };
  } catch (error) {
    await removeEmbeddedPostgres(directory).catch(() => undefined); // In use by another one: that is what is told.
    options.signal.throwIfAborted();
    throw asRefusal(error, source, sample);
  }
}

type Made = Omit<Copy, 'tookMs'>;

async function copyFiles(options: CopyOptions, cluster: RunningCluster, source: Source): Promise<Made> {
  const { directory, signal } = options;
  const server = await startEmbeddedPostgres({
    directory,
    copyOf: cluster,
    roomBytes: roomFor(cluster.sizeBytes),
    signal,
  });
  const url = server.databaseUrl(source.database);
  try {
    await cutOff(url);
    return await madeOf(options, { server, source, url, way: 'files', sizeBytes: cluster.sizeBytes });
  } catch (error) {
    await server.stop();
    throw error;
  }
}

async function copyContents(options: CopyOptions, source: Source): Promise<Made> {
  const { sourceUrl, directory, sample, signal } = options;
  if (source.major > newestMajor)
    throw new Refusal(
      `the database runs on Postgres ${source.version}, and the embedded one is ${newestMajor}: a copy cannot be older than its original`,
    );
  const programs = await findDumpPrograms(source.major);
  if (!programs) throw new Refusal(noPrograms(source.major, sample));
  const sizeBytes = source.sizeBytes * shareOf(sample);
  const server = await startEmbeddedPostgres({ directory, roomBytes: roomFor(sizeBytes), signal });
  try {
    const url = await copyByDump({ sourceUrl, target: server, programs, sample, signal });
    return await madeOf(options, { server, source, url, way: 'dump', sizeBytes: source.sizeBytes });
  } catch (error) {
    await server.stop();
    throw error;
  }
}

/** What the plan does needs room too: a table whose rows are all changed is twice as large for a while. */
function roomFor(sizeBytes: number): number {
  return sizeBytes * 1.5 + 256 * mebibyte;
}

/** Of a number of rows nobody knows beforehand how large they are. */
function shareOf(sample: SampleSize | undefined): number {
  return sample !== undefined && 'percent' in sample ? sample.percent / 100 : sample === undefined ? 1 : 0.1;
}

interface MadeOf {
  readonly server: EmbeddedPostgres;
  readonly source: Source;
  readonly url: string;
  readonly way: Copy['way'];
  readonly sizeBytes: number;
}

async function madeOf(
  { directory }: CopyOptions,
  { server, source, url, way, sizeBytes }: MadeOf,
): Promise<Made> {
  const { version } = await lookAtSource(url);
  return {
    database: source.database,
    way,
    sourceServer: source.version,
    server: version,
    sizeBytes,
    emptyTables:
      way === 'files' ? await withSession(server.databaseUrl(source.database), unloggedTables) : [],
    url,
    superuserUrl: server.databaseUrl(source.database),
    port: server.port,
    passwordFile: join(resolve(directory), 'password'),
    remove: async () => {
      await server.stop();
      await removeEmbeddedPostgres(directory);
    },
  };
}

async function lookAtSource(url: string): Promise<Source> {
  return await withSession(url, async (client) => {
    const { rows } = await client.query<Source>(
      `select current_database() as database, current_setting('server_version') as version,
              current_setting('server_version_num')::int / 10000 as major, pg_database_size(current_database())::float8 as "sizeBytes"`,
    );
    const [source] = rows;
    if (!source) throw new Error('the server does not say what it is');
    return source;
  });
}

async function cutOff(url: string): Promise<void> {
  await withSession(url, cutOffForeignServers);
}

/** A copy of files is put right from the log, which does not know of them: they are emptied, as after a crash. */
async function unloggedTables(client: pg.Client): Promise<readonly string[]> {
  const { rows } = await client.query<{ name: string }>(
    `select c.oid::regclass::text as name from pg_class c where c.relpersistence = 'u' and c.relkind = 'r' order by 1`,
  );
  return rows.map(({ name }) => name);
}

async function withSession<T>(url: string, work: (client: pg.Client) => Promise<T>): Promise<T> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 10_000 });
  client.on('error', () => undefined); // The question under way fails too.
  await client.connect();
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

function noPrograms(major: number, sample: SampleSize | undefined): string {
  const why =
    sample === undefined
      ? 'it is not an embedded one whose files are here'
      : 'a part of the rows cannot be copied by files';
  return (
    `copying this database needs pg_dump of Postgres ${major} or newer, as ${why}: install it ` +
    `(Debian: apt-get install postgresql-client-${major}), and have it on PATH or under /usr/lib/postgresql`
  );
}

function asRefusal(error: unknown, { database, sizeBytes }: Source, sample: SampleSize | undefined): Refusal {
  if (error instanceof Refusal) return error;
  const told = errorText(error);
  if (!(error instanceof NoRoomError)) {
    return new Refusal(`the database "${database}" could not be copied: ${told}`, { cause: error });
  }
  const smaller =
    sample === undefined ? ', or copy a part of the rows with --sample 10%' : ', or copy fewer rows';
  return new Refusal(
    `${told}. The database has ${formatBytes(sizeBytes)}, and the plan's work needs half as much again. Free some, set ` +
      `CROSSFADE_FOLDER to a folder on a larger disk${smaller}`,
    { cause: error },
  );
}
