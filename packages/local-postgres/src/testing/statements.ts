/** What a piece of SQL text does to the database when it is executed. */
export type StatementKind = 'begin' | 'commit' | 'rollback' | 'write' | 'other';

/** Comments, quoted texts and names, dollar-quoted bodies; then what separates statements; then everything else. */
const token =
  /(?<gap>--[^\n]*|\/\*[\s\S]*?\*\/)|(?<quoted>'(?:[^']|'')*'|"(?:[^"]|"")*"|\$(?<tag>\w*)\$[\s\S]*?\$\k<tag>\$)|(?<end>;)|[^;'"$/-]+|./gu;

const firstWords: readonly (readonly [RegExp, StatementKind])[] = [
  [/^(begin|start\s+transaction)\b/i, 'begin'],
  [/^(commit|end)\b/i, 'commit'],
  [/^rollback\s+to\b/i, 'other'],
  [/^(rollback|abort)\b/i, 'rollback'],
  [/^(insert|update|delete|merge|create|alter|drop|truncate|grant|revoke|comment|copy|call|do)\b/i, 'write'],
  [/^(refresh|reindex|vacuum|analyze|cluster)\b/i, 'write'],
  [/^with\b.*\b(insert\s+into|update|delete\s+from|merge\s+into)\b/is, 'write'],
];

/** The statements of a text, in order. Quoted texts cannot be mistaken for statements: they are left out before looking. */
export function statementKinds(sql: string): readonly StatementKind[] {
  const statements = [''];
  for (const { 0: text, groups } of sql.matchAll(token)) {
    if (groups?.['end']) statements.push('');
    else statements.push(`${statements.pop() ?? ''}${groups?.['gap'] || groups?.['quoted'] ? ' ' : text}`);
  }
  return statements
    .map((text) => text.trim())
    .filter((text) => text !== '')
    .map(kindOf);
}

function kindOf(statement: string): StatementKind {
  return firstWords.find(([pattern]) => pattern.test(statement))?.[1] ?? 'other';
}

/**
 * Whether executing the text makes something final: a COMMIT, or a statement that writes outside of a transaction.
 * `inTransaction` is where the session stands before it.
 */
export function makesFinal(sql: string, inTransaction: boolean): boolean {
  let open = inTransaction;
  let final = false;
  for (const kind of statementKinds(sql)) {
    if (kind === 'commit' ? open : kind === 'write' && !open) final = true;
    if (kind === 'begin') open = true;
    if (kind === 'commit' || kind === 'rollback') open = false;
  }
  return final;
}
