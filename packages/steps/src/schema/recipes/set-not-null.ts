import { derivedName } from '../../sql/derived-name.ts';
import { quoteName, quoteRelation } from '../../sql/quote-name.ts';
import type { SetNotNull } from './change-schema.ts';
import { compiled, refused, type Compiled, type Ground, type Recipe } from './recipe.ts';
import { missingColumn, type TableFacts } from './table-facts.ts';

/** Since 18 a NOT NULL may be there before it is proven. */
const provenLater = 18;

/**
 * SET NOT NULL alone reads the whole table while it keeps everybody out. What is true is proven first, beside readers and
 * writers, and the constraint put on what is proven.
 */
export function setNotNull({ table, column }: SetNotNull): Recipe {
  const violating = (facts: TableFacts) => ({
    from: `${quoteRelation(facts.name)} where ${quoteName(column)} is null`,
    keys: facts.key,
    noun: 'row' as const,
  });
  return {
    name: 'set_not_null',
    does: `makes ${table.name}.${column} NOT NULL`,
    table,
    lint: () => [],
    compile: (ground) => withoutWork(ground.table, column) ?? statements(ground, column),
    violations: violating,
  };
}

/** What is NOT NULL already is left as it is, also by the undo. */
function withoutWork(table: TableFacts, column: string): Compiled | undefined {
  const missing = missingColumn(table, [column]);
  if (missing !== undefined) return refused(missing);
  if (!table.columns?.get(column)?.notNull) return undefined;
  return compiled([], [], {
    together: true,
    notes: [`${table.name.name}.${column} is NOT NULL already: there is nothing to do, and nothing to undo.`],
  });
}

function statements({ serverMajor, table }: Ground, column: string): Compiled {
  const on = `alter table ${quoteRelation(table.name)}`;
  const [field, name] = [
    quoteName(column),
    quoteName(derivedName(table.name.name, [column], 'not_null', table.takenNames)),
  ];
  const drop = `${on} drop constraint if exists ${name}`;
  const validate = `${on} validate constraint ${name}`;
  if (serverMajor >= provenLater) {
    return compiled([`${on} add constraint ${name} not null ${field} not valid`, validate], [drop]);
  }
  return compiled(
    [
      `${on} add constraint ${name} check (${field} is not null) not valid`,
      validate,
      `${on} alter column ${field} set not null`,
      `${on} drop constraint ${name}`,
    ],
    [`${on} alter column ${field} drop not null`, drop],
  );
}
