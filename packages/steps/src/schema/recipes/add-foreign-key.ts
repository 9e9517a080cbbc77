import { derivedName } from '../../sql/derived-name.ts';
import { quoteName, quoteNames, quoteRelation } from '../../sql/quote-name.ts';
import type { AddForeignKey } from './change-schema.ts';
import { compiled, refused, type Compiled, type Ground, type Recipe, type Violations } from './recipe.ts';
import { foreignPartition, missingColumn, type TableFacts } from './table-facts.ts';

/** Since 18 a partitioned table may have a foreign key that is NOT VALID. */
const onPartitionedTables = 18;

/** In force for what is written from now on at once; what is there already is looked through beside readers and writers. */
export function addForeignKey(settings: AddForeignKey): Recipe {
  const { table, columns, references } = settings;
  return {
    name: 'add_foreign_key',
    does: `adds a foreign key from ${table.name} (${columns.join(', ')}) to ${references.table.name}`,
    table,
    lint: () =>
      columns.length === references.columns.length
        ? []
        : [
            `add_foreign_key.references.columns: ${references.columns.length} of them, expected ${columns.length} as in columns`,
          ],
    compile: (ground) => {
      const missing = missingColumn(ground.table, columns);
      return missing === undefined ? statements(ground, settings) : refused(missing);
    },
    violations: (facts) => violating(facts, settings),
  };
}

function statements({ serverMajor, table }: Ground, settings: AddForeignKey): Compiled {
  const { columns, name = derivedName(table.name.name, columns, 'fkey', table.takenNames) } = settings;
  const constraint = quoteName(name);
  const add = (on: string) => `alter table ${on} add constraint ${constraint} ${definition(settings)}`;
  const validate = (on: string) => `alter table ${on} validate constraint ${constraint}`;
  const whole = quoteRelation(table.name);
  const alsoThere = `The undo keeps everybody out of ${settings.references.table.name} for a moment, too.`;
  const drop = `alter table ${whole} drop constraint if exists ${constraint}`;
  if (!table.isPartitioned || serverMajor >= onPartitionedTables)
    return compiled([`${add(whole)} not valid`, validate(whole)], [drop], { notes: [alsoThere] });
  const problem = foreignPartition(table);
  if (problem !== undefined) return refused(problem);
  // Each partition by itself; the one of the whole then finds them proven, and takes them over without reading a row.
  const leaves = table.partitions.filter(({ isPartitioned }) => !isPartitioned);
  const names = leaves.map((leaf) => quoteRelation(leaf.name));
  return compiled(
    [...names.flatMap((on) => [`${add(on)} not valid`, validate(on)]), add(whole)],
    [drop, ...names.map((on) => `alter table if exists ${on} drop constraint if exists ${constraint}`)],
    {
      notes: [
        alsoThere,
        `Postgres before ${onPartitionedTables} refuses NOT VALID on a partitioned table: each partition is proven by itself, ` +
          'and the table takes them over without reading a row.',
      ],
    },
  );
}

function definition({ columns, references, on_delete, on_update, deferrable }: AddForeignKey): string {
  const deferred =
    deferrable === 'initially deferred' ? 'deferrable initially deferred' : deferrable ? 'deferrable' : '';
  const parts = [
    `foreign key (${quoteNames(columns)}) references ${quoteRelation(references.table)} (${quoteNames(references.columns)})`,
    on_delete && `on delete ${on_delete}`,
    on_update && `on update ${on_update}`,
    deferred,
  ];
  return parts.filter(Boolean).join(' ');
}

/** Rows that point to nothing; one with a NULL points nowhere, and may. */
function violating(facts: TableFacts, { columns, references }: AddForeignKey): Violations {
  const pairs = columns.map(
    (column, index) =>
      `child.${quoteName(column)} = parent.${quoteName(references.columns[index] ?? column)}`,
  );
  const given = columns.map((column) => `child.${quoteName(column)} is not null`);
  return {
    from:
      `${quoteRelation(facts.name)} as child where ${given.join(' and ')} and not exists ` +
      `(select from ${quoteRelation(references.table)} as parent where ${pairs.join(' and ')})`,
    keys: facts.key,
    noun: 'row',
  };
}
