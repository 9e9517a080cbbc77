import { quoteName, quoteRelation } from '../../sql/quote-name.ts';
import type { AddColumn } from './change-schema.ts';
import { defaultKind } from './default-kind.ts';
import { lintPart, lintType } from './lint-part.ts';
import { compiled, refused, type Compiled, type Ground, type Recipe } from './recipe.ts';

/**
 * A default that is one value for all rows is kept in the catalog, and no row is written. One that is another value for each
 * row (VOLATILE) would write the whole table anew while everybody is kept out: new rows get it, old ones are a backfill's.
 */
export function addColumn(settings: AddColumn): Recipe {
  const { table, column, type, default: value } = settings;
  return {
    name: 'add_column',
    does: `adds the column ${column} to ${table.name}`,
    table,
    lint: () => lint(settings),
    compile: (ground) => statements(ground, settings),
    probe: value === undefined ? type : `${type} default ${value}`,
  };
}

function lint(settings: AddColumn): readonly string[] {
  const { type, default: value, not_null: notNull } = settings;
  const findings = [...lintType('add_column.type', type), ...lintPart('add_column.default', value)];
  if (/^\s*(small|big)?serial[248]?\s*$/i.test(type)) {
    findings.push(
      `add_column.type: ${type} writes the whole table anew: add the column as integer or bigint, then backfill, set_not_null and add_identity`,
    );
  }
  if (notNull && value === undefined) {
    findings.push(
      'add_column.not_null: rows that are there already would have no value: give a constant default, or add the column ' +
        'without not_null, backfill it, and then set_not_null',
    );
  }
  if (findings.length === 0 && notNull && defaultKind(value) === 'volatile') {
    findings.push(`add_column.not_null: ${notNullNeedsRows(settings)}`);
  }
  return findings;
}

function notNullNeedsRows({ column }: AddColumn): string {
  return (
    `the default of ${column} is another value for each row (volatile), so that old rows have none yet: add the column ` +
    'without not_null, fill it with a backfill step, and then set_not_null'
  );
}

function statements({ table, rewrites }: Ground, settings: AddColumn): Compiled {
  const { column, type, default: value, not_null: notNull } = settings;
  const on = `alter table ${quoteRelation(table.name)}`;
  const field = quoteName(column);
  const undo = [`${on} drop column if exists ${field}`];
  const apart = rewrites ?? defaultKind(value) !== 'constant';
  if (!apart) {
    const parts = [
      `${on} add column ${field} ${type}`,
      value !== undefined && `default ${value}`,
      notNull && 'not null',
    ];
    return compiled([parts.filter(Boolean).join(' ')], undo, { together: true });
  }
  if (value === undefined)
    return refused(
      `a column of type ${type} makes Postgres write the whole table anew: use the type that it is made of, and add_check`,
    );
  if (notNull) return refused(notNullNeedsRows(settings));
  return compiled(
    [`${on} add column ${field} ${type}`, `${on} alter column ${field} set default ${value}`],
    undo,
    {
      together: true,
      notes: [
        `The default is another value for each row: rows written from now on get it. Rows that are there already stay NULL ` +
          `until a backfill step fills ${column}.`,
        ...(rewrites === null && defaultKind(value) === 'unknown'
          ? [
              'Nobody could be asked whether it is: a server that says no gets the default in the first statement.',
            ]
          : []),
      ],
    },
  );
}
