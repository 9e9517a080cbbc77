import { quoteName, quoteRelation, quoteText } from '../../sql/quote-name.ts';
import type { AddIdentity } from './change-schema.ts';
import { compiled, isSoAlready, refused, type Compiled, type Ground, type Recipe } from './recipe.ts';
import { missingColumn, type TableFacts } from './table-facts.ts';

/** Since 17 a partitioned table may have one that its partitions share. */
const onPartitionedTables = 17;
/** 8 MB are read in a moment, with or without an index. */
const fewPages = 1_000;

/** The largest value is read, and the numbers begin above it, under the lock that keeps everybody from writing a larger one. */
export function addIdentity(settings: AddIdentity): Recipe {
  const { table, column } = settings;
  return {
    name: 'add_identity',
    does: `numbers ${table.name}.${column} as identity`,
    table,
    lint: () => [],
    compile: (ground) => whyNot(ground, settings) ?? statements(ground.table, settings),
  };
}

function whyNot({ serverMajor, table }: Ground, { column, always }: AddIdentity): Compiled | undefined {
  const missing = missingColumn(table, [column]);
  if (missing !== undefined) return refused(missing);
  const named = `${table.name.name}.${column}`;
  if (table.isPartitioned && serverMajor < onPartitionedTables)
    return refused(
      `${table.name.name} is partitioned: Postgres gives its partitions an identity from ${onPartitionedTables} on, this is ${serverMajor}`,
    );
  const facts = table.columns?.get(column);
  if (!facts) return undefined;
  if (facts.identity === kindOf(always))
    return isSoAlready(`${named} is an identity already: leave this step out`);
  if (facts.identity !== null)
    return refused(
      `${named} is an identity already, generated ${facts.identity}: expected generated ${kindOf(always)}`,
    );
  if (!facts.notNull) return refused(`${named} may be NULL, an identity may not: set_not_null comes first`);
  if (facts.default !== null)
    return refused(
      `${named} has a default already (${facts.default}): drop that first, in a step with a file`,
    );
  if (facts.leadsIndex || table.pages <= fewPages) return undefined;
  return refused(
    `the largest ${named} would be read from the whole table while everybody is kept out: give it an index first (add_index)`,
  );
}

function statements(table: TableFacts, { column, always }: AddIdentity): Compiled {
  const on = quoteRelation(table.name);
  const field = quoteName(column);
  const sequence = `pg_get_serial_sequence(${quoteText(on)}, ${quoteText(column)})`;
  return compiled(
    [
      `alter table ${on} alter column ${field} add generated ${kindOf(always)} as identity`,
      `select setval(${sequence}, greatest(coalesce(max(${field}), 0), 0) + 1, false) from ${on}`,
    ],
    [`alter table ${on} alter column ${field} drop identity if exists`],
    { together: true },
  );
}

function kindOf(always: boolean): 'always' | 'by default' {
  return always ? 'always' : 'by default';
}
