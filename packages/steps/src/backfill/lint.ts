import { lintExpression } from '../sql/lint-expression.ts';
import { filledColumns, keyOf, type BackfillConfig } from './config.ts';

const verifyWords: readonly string[] = ['auto', 'again', 'off'];

/** Expressions that are none, and columns that a backfill must not touch. */
export function lintBackfill(config: BackfillConfig): readonly string[] {
  const undoSet = config.undo === 'keep' ? {} : config.undo.set;
  const expressions: [string, string][] = [
    ['where', config.where],
    ['verify', config.verify],
    ...Object.entries(config.set ?? {}).map(([column, text]): [string, string] => [`set.${column}`, text]),
    ...Object.entries(undoSet).map(([column, text]): [string, string] => [`undo.set.${column}`, text]),
  ];
  const findings = expressions.flatMap(([place, text]) => {
    const problem = lintExpression(text);
    return problem === undefined ? [] : [`${place}: "${text}" is not an SQL expression: ${problem}`];
  });
  // A word that is none of these would be taken for a column, and found wrong only after the last row.
  if (/^\s*\w+\s*$/.test(config.verify) && !verifyWords.includes(config.verify)) {
    findings.push(
      `verify: ${config.verify.trim()}: expected ${verifyWords.join(', ')}, or SQL that is true of a row that is right; ` +
        `a column that says so is written (${config.verify.trim()})`,
    );
  }
  for (const key of keyOf(config)) {
    if (filledColumns(config).includes(key) || key in undoSet) {
      findings.push(
        `${config.transform ? 'transform.write' : 'set'}: ${key} is the key: a backfill finds its way by it and must not change it`,
      );
    }
  }
  return findings;
}
