import { TerminalError } from '@crossfade/engine';
import { isPermanent, messageOf } from '../target/sql-state.ts';
import type { SchemaWork, Task } from './schema-work.ts';

/** @throws TerminalError with file and line when Postgres refuses the statement for good. */
export async function runStatement(
  { connection, config }: SchemaWork,
  { statement }: Task,
  text: string = statement.text,
): Promise<void> {
  try {
    await connection.query(text);
  } catch (error) {
    if (!isPermanent(error)) throw error;
    throw new TerminalError(`${config.file}:${statement.line}: ${messageOf(error)}`, { cause: error });
  }
}
