import { quoteName, quoteNames, quoteRelation } from '../../sql/quote-name.ts';
import type { Violations } from './recipe.ts';
import type { TableFacts } from './table-facts.ts';

/** Values that several rows have; NULLs never equal each other. */
export function doubledValues(facts: TableFacts, columns: readonly string[], where?: string): Violations {
  const given = columns.map((column) => `${quoteName(column)} is not null`);
  const among = [...given, ...(where === undefined ? [] : [`(${where})`])].join(' and ');
  const fields = quoteNames(columns);
  return {
    from:
      `(select ${fields} from ${quoteRelation(facts.name)} where ${among} ` +
      `group by ${fields} having count(*) > 1) as twice`,
    keys: columns,
    noun: 'value',
  };
}
