import { TerminalError } from '@crossfade/engine';
import type { ClientConfig } from 'pg';
import { askOnce } from './ask-once.ts';

const limitMs = 10_000;
/** Two servers do not start in the same microsecond; two databases of one server have two numbers. */
const identity = `select current_database() as name,
                         oid || ' ' || extract(epoch from pg_postmaster_start_time()) as id
                    from pg_database where datname = current_database()`;

/**
 * @throws TerminalError when the two lead to different databases: what was agreed on for one would be done to another.
 */
export async function assertSameDatabase(usual: ClientConfig, direct: ClientConfig): Promise<void> {
  const [ofUsual, ofDirect] = await Promise.all([identify(usual), identify(direct)]);
  if (ofUsual.id === ofDirect.id) return;
  throw new TerminalError(
    `DATABASE_DIRECT_URL leads to another database ("${ofDirect.name}") than DATABASE_URL ("${ofUsual.name}"): ` +
      'expected the server behind the pooler, and the same database on it',
  );
}

async function identify(settings: ClientConfig): Promise<{ name: string; id: string }> {
  const [row] = await askOnce<{ name: string; id: string }>(settings, limitMs, identity);
  if (!row) throw new Error('pg_database does not know the current database');
  return row;
}
