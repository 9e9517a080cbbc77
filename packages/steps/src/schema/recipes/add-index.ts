import { derivedName } from '../../sql/derived-name.ts';
import { quoteName, quoteNames, quoteRelation } from '../../sql/quote-name.ts';
import type { AddIndex } from './change-schema.ts';
import { lintElement, lintPart } from './lint-part.ts';
import { partitionsWithNames } from './partition-names.ts';
import { compiled, refused, type Compiled, type Recipe } from './recipe.ts';
import { foreignPartition, missingColumn, type TableFacts } from './table-facts.ts';
import { doubledValues } from './doubled-values.ts';

/** Built beside readers and writers, and built again when it was cut off. */
export function addIndex(settings: AddIndex): Recipe {
  const { table, columns = [], expressions = [], include = [], where, unique } = settings;
  const elements = [...columns, ...expressions].join(', ');
  return {
    name: 'add_index',
    does: `adds ${unique ? 'a unique index' : 'an index'} on ${table.name} (${elements})`,
    table,
    lint: () => [
      ...lintElements(settings),
      ...expressions.flatMap((text, index) => lintElement(`add_index.expressions[${index}]`, text)),
      ...lintPart('add_index.where', where),
    ],
    compile: (ground) => {
      const problem = missingColumn(ground.table, [...columns, ...include]) ?? foreignPartition(ground.table);
      if (problem !== undefined) return refused(problem);
      return ground.table.isPartitioned ? partitioned(ground.table, settings) : whole(ground.table, settings);
    },
    violations: (facts) =>
      unique && expressions.length === 0 ? doubledValues(facts, columns, where) : undefined,
  };
}

function lintElements({ columns, expressions }: AddIndex): readonly string[] {
  if ((columns === undefined) !== (expressions === undefined)) return [];
  return ['add_index: expected either columns or expressions (an expression may be a column)'];
}

function whole(table: TableFacts, settings: AddIndex): Compiled {
  const name = settings.name ?? derivedName(table.name.name, nameParts(settings), 'idx', table.takenNames);
  return compiled(
    [create(settings, 'concurrently ', name, quoteRelation(table.name))],
    [`drop index concurrently if exists ${quoteRelation({ ...table.name, name })}`],
  );
}

/** Postgres builds none CONCURRENTLY on a partitioned table: the parents' are made empty, and the partitions' attached. */
function partitioned(table: TableFacts, settings: AddIndex): Compiled {
  const members = partitionsWithNames(table, nameParts(settings), 'idx', settings.name);
  const parents = members.filter(({ isPartitioned }) => isPartitioned);
  const leaves = members.filter(({ isPartitioned }) => !isPartitioned);
  return compiled(
    [
      // First, so that a partition that is added meanwhile gets its index at once.
      ...parents.map(({ on, index }) => create(settings, '', index, `only ${on}`)),
      ...leaves.map(({ on, index }) => create(settings, 'concurrently ', index, on)),
      ...members
        .toReversed()
        .flatMap(({ qualified, parent }) =>
          parent === null ? [] : [`alter index ${parent.qualified} attach partition ${qualified}`],
        ),
    ],
    [
      ...parents.map(({ qualified }) => `drop index if exists ${qualified}`),
      ...leaves.map(({ qualified }) => `drop index concurrently if exists ${qualified}`),
    ],
  );
}

function create(settings: AddIndex, concurrently: string, name: string, on: string): string {
  const { columns = [], expressions = [], unique, method, include = [], where } = settings;
  const elements = [...columns.map(quoteName), ...expressions].join(', ');
  const parts = [
    `create ${unique ? 'unique ' : ''}index ${concurrently}${quoteName(name)} on ${on}`,
    method && `using ${method}`,
    `(${elements})`,
    include.length > 0 && `include (${quoteNames(include)})`,
    where && `where ${where}`,
  ];
  return parts.filter(Boolean).join(' ');
}

/** Postgres calls an expression `expr`. */
function nameParts({ columns, expressions = [], include = [] }: AddIndex): readonly string[] {
  return [...(columns ?? expressions.map(() => 'expr')), ...include];
}
