import { quoteIdentifier } from '../../sql/identifiers.ts';
import type { Column } from '../transform/column-values.ts';

/** Types without an equality, or with one that looks at the size alone. */
const comparedAsText = /^(json|xml|point|line|lseg|box|path|polygon|circle)(\[\])?$/;

/** SQL that is true of a row in which a column is not what its expression gives for it. */
export function differsFrom(
  table: string,
  columns: readonly Column[],
  expressions: Readonly<Record<string, string>>,
): string {
  return columns
    .map(({ name, type }) => {
      const as = comparedAsText.test(type) ? '::text' : '';
      const wanted = `(\n${expressions[name] ?? 'null'}\n)::${type}${as}`;
      return `${table}.${quoteIdentifier(name)}${as} is distinct from ${wanted}`;
    })
    .map((condition) => `(${condition})`)
    .join(' or ');
}
