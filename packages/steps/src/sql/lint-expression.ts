import { parseStatements, type Statement } from './parse-statements.ts';

/** Says what is wrong with a text that must be one SQL expression, such as a guard; undefined when it is one. */
export function lintExpression(text: string): string | undefined {
  const parsed = parseStatements(`select (\n${text}\n)`);
  if (!parsed.ok) return `${parsed.message} (line ${Math.max(1, parsed.line - 1)} of the expression)`;
  // What closes our bracket early could go on with a clause of its own: only the one bare value may be there, with and
  // without the bracket.
  const isOne = [parsed, parseStatements(`select \n${text}\n`)].every(
    (read) => read.ok && isOneValue(read.statements),
  );
  return isOne ? undefined : 'it holds more than one expression';
}

function isOneValue([only, ...more]: readonly Statement[]): boolean {
  if (!only || more.length > 0 || !('SelectStmt' in only.node)) return false;
  const { targetList = [], op: _op, limitOption: _limit, ...clauses } = only.node.SelectStmt;
  if (Object.keys(clauses).length > 0) return false;
  const [target, ...others] = targetList;
  if (!target || others.length > 0 || !('ResTarget' in target)) return false;
  return target.ResTarget.name === undefined && target.ResTarget.indirection === undefined;
}

type ParsedQuery =
  | { readonly ok: true; /** Without the semicolon and what may stand after it. */ readonly text: string }
  | { readonly ok: false; readonly problem: string };

/** Reads a text that must be one SELECT. */
export function parseQuery(text: string): ParsedQuery {
  const parsed = parseStatements(text);
  const wrong = (problem: string): ParsedQuery => ({ ok: false, problem });
  if (!parsed.ok)
    return wrong(`${parsed.message} (line ${parsed.line}, column ${parsed.column} of the query)`);
  const [only, ...more] = parsed.statements;
  if (!only) return wrong('it is empty');
  if (more.length > 0) return wrong(`it holds ${parsed.statements.length} statements, expected one SELECT`);
  if (!('SelectStmt' in only.node) || only.node.SelectStmt.intoClause) return wrong('expected one SELECT');
  return { ok: true, text: only.text };
}
