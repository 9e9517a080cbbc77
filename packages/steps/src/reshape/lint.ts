import { lintExpression } from '../sql/lint-expression.ts';
import type { ReshapeConfig } from './config.ts';

/** What ends the text of our own functions cannot be in it. */
const lintQuoting = (text: string): string | undefined =>
  text.includes('$crossfade$') ? 'it has $crossfade$ in it' : undefined;

/** Expressions and types that are none, and columns that are named twice. */
export function lintReshape({ columns }: ReshapeConfig): readonly string[] {
  const findings = columns.flatMap((change, at) => {
    const places = (['up', 'down', 'default'] as const).flatMap((setting) => {
      const text = change[setting];
      const problem = text === undefined ? undefined : (lintExpression(text) ?? lintQuoting(text));
      return problem === undefined
        ? []
        : [`columns[${at}].${setting}: "${text}" is not an SQL expression: ${problem}`];
    });
    const type = change.type === undefined ? undefined : lintExpression(`cast(null as ${change.type})`);
    return type === undefined
      ? places
      : [...places, `columns[${at}].type: "${change.type}" is not an SQL type: ${type}`];
  });
  for (const side of ['from', 'to'] as const) {
    const names = columns.flatMap((change) => change[side] ?? []);
    const doubled = names.find((name, at) => names.indexOf(name) !== at);
    if (doubled !== undefined) findings.push(`columns: ${doubled} is named twice as ${side}`);
  }
  return findings;
}
