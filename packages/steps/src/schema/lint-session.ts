import type { Statement } from '../sql/parse-statements.ts';
import { sessionStateOf } from './session-state.ts';

/**
 * What is set on the session does not belong into a migration: a run that is resumed goes on without it, on another session,
 * and through a pooler the next client inherits it. `together`: the statements of this part run in one transaction.
 */
export function lintSession(file: string, statement: Statement, together: boolean): readonly string[] {
  const where = `${file}:${statement.line}`;
  const { node } = statement;
  if ('VariableSetStmt' in node && node.VariableSetStmt.name === 'TRANSACTION') {
    return [
      `${where}: SET TRANSACTION comes too late, in a transaction that Crossfade has begun: leave it out`,
    ];
  }
  const state = sessionStateOf(statement);
  if (!state) return [];
  const { what, until, instead } = state;
  if (until === 'end of session') {
    return [
      `${where}: ${what} outlives its transaction: a resumed run goes on without it, and through a connection pooler the next ` +
        `client inherits it: ${instead}`,
    ];
  }
  if (together) return [];
  return [
    `${where}: ${what} ends with its own statement, as this part of the file runs statement by statement: ${instead}`,
  ];
}
