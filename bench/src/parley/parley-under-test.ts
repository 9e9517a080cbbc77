import { spawn } from 'node:child_process';
import { createHash, randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { chmodSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { removeEmbeddedPostgres, startEmbeddedPostgres } from '@crossfade/local-postgres';
import pg from 'pg';
import { cleaningUp } from '../flags/live/clean-up.ts';

const apps = join(import.meta.dirname, '..', '..', '..', 'apps');
const startedWithinMs = 60_000;

export interface Session {
  readonly userId: string;
  readonly token: string;
}

/** One Parley server over a Postgres of its own; all of it ends with the measurement. */
export interface ParleyUnderTest {
  readonly url: string;
  readonly sql: (text: string, values?: unknown[]) => Promise<Record<string, unknown>[]>;
  /** People who are signed in, without the cost of a password. */
  addPeople(count: number): Promise<readonly Session[]>;
  /** CPU seconds that the server has used. */
  serverCpuSeconds(): Promise<number>;
}

export async function withParley<Result>(
  options: { readonly withWeb: boolean },
  work: (parley: ParleyUnderTest, later: (undo: () => unknown) => void) => Promise<Result>,
): Promise<Result> {
  return await cleaningUp(async (later) => {
    const folder = mkdtempSync(join(tmpdir(), 'crossfade-bench-'));
    later(() => rmSync(folder, { recursive: true, force: true }));
    chmodSync(folder, 0o711); // The server's account must be able to walk through.
    const directory = join(folder, 'postgres');
    const starting = startEmbeddedPostgres({ directory });
    later(async () => await removeEmbeddedPostgres(directory));
    later(async () => (await starting).stop());
    const databaseUrl = await (await starting).ensureDatabase('parley');
    const env = { ...process.env, DATABASE_URL: databaseUrl, DATABASE_DIRECT_URL: '', LOG_LEVEL: 'warn' };
    const server = join(apps, 'parley-server', 'src', 'main.ts');
    await run([server, 'install'], env);
    const web = options.withWeb ? ['--web', await builtWeb(folder, env)] : [];
    const child = spawn(process.execPath, [server, 'serve', '--port', '0', ...web], {
      env,
      stdio: ['ignore', 'pipe', 2, 'ipc'],
    });
    later(() => child.kill('SIGKILL'));
    const limit = { signal: AbortSignal.timeout(startedWithinMs) };
    const [line] = (await once(createInterface(child.stdout ?? process.stdin), 'line', limit)) as [string];
    const { listening: url } = JSON.parse(line) as { listening: string };
    const pool = new pg.Pool({ connectionString: databaseUrl, max: 2 });
    later(async () => await pool.end());
    const sql: ParleyUnderTest['sql'] = async (text, values = []) =>
      (await pool.query<Record<string, unknown>>(text, values)).rows;
    const parley: ParleyUnderTest = {
      url,
      sql,
      addPeople: async (count) => await addPeople(sql, count),
      serverCpuSeconds: async () => await cpuSecondsOf(child.pid ?? 0),
    };
    return await work(parley, later);
  });
}

async function addPeople(sql: ParleyUnderTest['sql'], count: number): Promise<readonly Session[]> {
  const rows = await sql(
    `INSERT INTO auth.users (email, raw_user_meta_data)
     SELECT 'person' || n || '@parley.example', jsonb_build_object('name', 'Person ' || n) FROM generate_series(1, $1::int) n
     RETURNING id`,
    [count],
  );
  const sessions = rows.map(({ id }) => ({
    userId: String(id),
    token: randomBytes(32).toString('base64url'),
  }));
  await sql(
    `INSERT INTO parley.sessions (token_hash, user_id, expires_at)
     SELECT h, u, now() + interval '1 day' FROM unnest($1::bytea[], $2::uuid[]) AS given (h, u)`,
    [
      sessions.map(({ token }) => createHash('sha256').update(token).digest()),
      sessions.map(({ userId }) => userId),
    ],
  );
  return sessions;
}

async function builtWeb(folder: string, env: NodeJS.ProcessEnv): Promise<string> {
  const told = await run([join(apps, 'parley-web', 'build.ts'), '--out', join(folder, 'web')], env);
  return (JSON.parse(told) as { web: string }).web;
}

async function run(args: readonly string[], env: NodeJS.ProcessEnv): Promise<string> {
  const child = spawn(process.execPath, args, { env, stdio: ['ignore', 'pipe', 2] });
  let out = '';
  child.stdout?.on('data', (text: Buffer) => (out += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}`);
  return out;
}

/** From Linux' own books; NaN where there are none. */
async function cpuSecondsOf(pid: number): Promise<number> {
  const { readFile } = await import('node:fs/promises');
  try {
    const fields = (await readFile(`/proc/${pid}/stat`, 'utf8')).split(') ')[1]?.split(' ') ?? [];
    return (Number(fields[11]) + Number(fields[12])) / 100;
  } catch {
    // Another system, or the process is gone.
    return Number.NaN;
  }
}
