import { TerminalError, type TargetConnection } from '@crossfade/engine';
import { theRow } from '../../sql/the-row.ts';
import { inTransaction } from '../../target/in-transaction.ts';
import { isPermanent, messageOf, sqlStateOf } from '../../target/sql-state.ts';
import type { Recipe } from './recipe.ts';

const limits = { lockTimeoutMs: 2_000, statementTimeoutMs: 10_000 };
/** Temporary tables are not allowed: to this role, on a standby, or in a read-only transaction. */
const notAllowed: ReadonlySet<string | undefined> = new Set(['42501', '25006', '0A000']);

class Undone extends Error {
  override readonly name = 'Undone';
}

/**
 * Whether adding the recipe's column writes a table anew, as this server sees it: tried on an empty temporary table, which is
 * rolled back. What makes it do so (volatile functions, domains with a check) differs between versions; null when it may not be
 * tried.
 * @throws TerminalError when the server refuses the type or the default.
 */
export async function probeColumn(
  connection: TargetConnection,
  { name, probe }: Recipe,
): Promise<boolean | null> {
  if (probe === undefined) return null;
  let rewrites: boolean | null = null;
  try {
    await inTransaction(connection, limits, async () => {
      await connection.query('create temporary table crossfade_probe (n integer)');
      const before = await fileOf(connection);
      await tryColumn(connection, name, probe);
      rewrites = (await fileOf(connection)) !== before;
      throw new Undone();
    });
  } catch (error) {
    if (!(error instanceof Undone) && !notAllowed.has(sqlStateOf(error))) throw error;
  }
  return rewrites;
}

async function tryColumn(connection: TargetConnection, name: string, probe: string): Promise<void> {
  try {
    await connection.query(`alter table pg_temp.crossfade_probe add column c ${probe}`);
  } catch (error) {
    if (!isPermanent(error)) throw error;
    throw new TerminalError(`${name}: Postgres refuses "${probe}": ${messageOf(error)}`, { cause: error });
  }
}

async function fileOf(connection: TargetConnection): Promise<string> {
  const { rows } = await connection.query<{ file: string }>(
    `select pg_relation_filenode('pg_temp.crossfade_probe')::text as file`,
  );
  return theRow(rows).file;
}
