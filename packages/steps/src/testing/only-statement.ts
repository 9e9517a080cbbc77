import { parseStatements, type Statement } from '../sql/parse-statements.ts';

/** @throws Error when the text is not exactly one statement. */
export function onlyStatement(sql: string): Statement {
  const parsed = parseStatements(sql);
  if (!parsed.ok) throw new Error(`${sql}: ${parsed.message}`);
  const [statement, ...more] = parsed.statements;
  if (!statement || more.length > 0) throw new Error(`${sql}: expected one statement`);
  return statement;
}
