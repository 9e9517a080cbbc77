import { lintExpression } from '../../sql/lint-expression.ts';
import { parseStatements } from '../../sql/parse-statements.ts';

/** What is wrong with a setting that must be one SQL expression. */
export function lintPart(setting: string, text: string | undefined): readonly string[] {
  if (text === undefined) return [];
  // A comment that goes on to the end of its line would swallow what we write behind it.
  const problem =
    lintExpression(text) ??
    (parseStatements(`select (${text})`).ok ? undefined : 'it ends in a comment: leave that out');
  return problem === undefined ? [] : [`${setting}: "${text}" is not an SQL expression: ${problem}`];
}

/** What is wrong with a setting that must be one element of an index: an expression, with its order or operator class. */
export function lintElement(setting: string, text: string): readonly string[] {
  const parsed = parseStatements(`create index i on t (${text})`);
  const wrong = (problem: string): readonly string[] => [
    `${setting}: "${text}" cannot be indexed: ${problem}`,
  ];
  if (!parsed.ok) return wrong(parsed.message);
  const [only, ...more] = parsed.statements;
  if (!only || more.length > 0 || !('IndexStmt' in only.node)) return wrong('it is more than one expression');
  const { indexParams = [], ...rest } = only.node.IndexStmt;
  const extra = ['whereClause', 'indexIncludingParams', 'options', 'tableSpace'].some((part) => part in rest);
  return extra || indexParams.length !== 1 ? wrong('it is more than one expression') : [];
}

/** What is wrong with a setting that must be a type, with a default that must be an expression. */
export function lintType(setting: string, text: string): readonly string[] {
  const parsed = parseStatements(`alter table t add column c ${text}`);
  const wrong = (problem: string): readonly string[] => [`${setting}: "${text}" is not a type: ${problem}`];
  if (!parsed.ok) return wrong(parsed.message);
  const [only, ...more] = parsed.statements;
  if (!only || more.length > 0 || !('AlterTableStmt' in only.node)) return wrong('it is more than one');
  const commands = only.node.AlterTableStmt.cmds ?? [];
  const [command] = commands;
  const column = command && 'AlterTableCmd' in command ? command.AlterTableCmd.def : undefined;
  if (commands.length !== 1 || !column || !('ColumnDef' in column)) return wrong('it is more than one');
  if (column.ColumnDef.constraints) return wrong('it says more than the type: use default and not_null');
  if (!parseStatements(`alter table t add column c ${text} default 1`).ok)
    return wrong('it ends in a comment');
  return [];
}
