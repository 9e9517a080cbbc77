import { TerminalError } from '@crossfade/engine';
import { isContention, isPermanent, messageOf, sqlStateOf, sqlStates } from '../target/sql-state.ts';
import { GaveWay } from './gave-way.ts';
import type { HoldLimit } from './hold-limit.ts';
import type { SchemaWork, Task } from './schema-work.ts';

/** Within a transaction: under the time limits that are left to it. */
interface HeldStatement {
  readonly limit: HoldLimit;
  readonly keepsOut: boolean;
}

/**
 * @throws TerminalError with file and line when Postgres refuses the statement for good; GaveWay when it was in others' way, or
 * they in its.
 */
export async function runStatement(
  { connection, config }: SchemaWork,
  { statement }: Task,
  held?: HeldStatement,
): Promise<void> {
  try {
    await connection.query(held ? limited(statement.text, held) : statement.text);
  } catch (error) {
    const { line } = statement;
    if (isContention(error)) throw new GaveWay('lock', line, error);
    const state = sqlStateOf(error);
    if (state === sqlStates.queryCanceled && held?.limit.isHolding) throw new GaveWay('work', line, error);
    const message = `${config.file}:${line}: ${messageOf(error)}`;
    if (isPermanent(error)) throw new TerminalError(message, { cause: error });
    throw state === undefined ? error : new Error(message, { cause: error });
  }
}

/** In one message with the statement: a round trip of their own would be time in which people are kept out. */
function limited(text: string, { limit, keepsOut }: HeldStatement): string {
  const { lockTimeoutMs, statementTimeoutMs } = limit.next(keepsOut);
  return `set local lock_timeout = ${lockTimeoutMs}; set local statement_timeout = ${statementTimeoutMs}; ${text}`;
}
