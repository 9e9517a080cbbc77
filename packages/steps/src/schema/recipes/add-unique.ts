import { derivedName } from '../../sql/derived-name.ts';
import { quoteName, quoteNames, quoteRelation } from '../../sql/quote-name.ts';
import type { AddUnique } from './change-schema.ts';
import { doubledValues } from './doubled-values.ts';
import { partitionsWithNames } from './partition-names.ts';
import { compiled, refused, type Compiled, type Recipe } from './recipe.ts';
import { foreignPartition, missingColumn, type TableFacts } from './table-facts.ts';

/** The index is built beside readers and writers; the constraint then finds it made. */
export function addUnique(settings: AddUnique): Recipe {
  const { table, columns } = settings;
  return {
    name: 'add_unique',
    does: `makes ${columns.join(', ')} of ${table.name} unique`,
    table,
    lint: () => [],
    compile: (ground) => {
      const problem = missingColumn(ground.table, columns) ?? foreignPartition(ground.table);
      if (problem !== undefined) return refused(problem);
      return ground.table.isPartitioned ? partitioned(ground.table, settings) : whole(ground.table, settings);
    },
    violations: (facts) => doubledValues(facts, columns),
  };
}

function whole(table: TableFacts, { columns, name: given }: AddUnique): Compiled {
  const name = given ?? derivedName(table.name.name, columns, 'key', table.takenNames);
  return compiled(
    [buildOn(quoteRelation(table.name), name, columns), adopt(quoteRelation(table.name), name)],
    [
      `alter table ${quoteRelation(table.name)} drop constraint if exists ${quoteName(name)}`,
      `drop index concurrently if exists ${quoteRelation({ ...table.name, name })}`,
    ],
  );
}

/** The constraint of the parents first, without their partitions: what is added meanwhile has it from the start. */
function partitioned(table: TableFacts, { columns, name: given }: AddUnique): Compiled {
  const members = partitionsWithNames(table, columns, 'key', given);
  const parents = members.filter(({ isPartitioned }) => isPartitioned);
  const leaves = members.filter(({ isPartitioned }) => !isPartitioned);
  const constrain = parents.map(
    ({ on, index }) =>
      `alter table only ${on} add constraint ${quoteName(index)} unique (${quoteNames(columns)})`,
  );
  const build = leaves.flatMap(({ on, index }) => [buildOn(on, index, columns), adopt(on, index)]);
  const attach = members
    .toReversed()
    .flatMap(({ qualified, parent }) =>
      parent === null ? [] : [`alter index ${parent.qualified} attach partition ${qualified}`],
    );
  const dropAll = members.map(
    ({ on, index, parent }) =>
      `alter table ${parent ? 'if exists ' : ''}${on} drop constraint if exists ${quoteName(index)}`,
  );
  const dropIndexes = leaves.map(({ qualified }) => `drop index concurrently if exists ${qualified}`);
  return compiled([...constrain, ...build, ...attach], [...dropAll, ...dropIndexes]);
}

function buildOn(on: string, name: string, columns: readonly string[]): string {
  return `create unique index concurrently ${quoteName(name)} on ${on} (${quoteNames(columns)})`;
}

function adopt(on: string, name: string): string {
  return `alter table ${on} add constraint ${quoteName(name)} unique using index ${quoteName(name)}`;
}
