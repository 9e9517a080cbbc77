import { quoteIdentifier } from '../sql/identifiers.ts';
import { differsFunction, downFunction, mirroring, upFunction, type Standing } from './mirror-functions.ts';
import { lines, type PhaseSql } from './phase-sql.ts';
import { withSuffix, type ResolvedChange, type Shape } from './shape.ts';
import type { ForeignKeyFacts } from './table-facts.ts';
import { createViews, dropViews, grantAll } from './views.ts';

const before = ({ names }: Shape): Standing => ({ old: names.table, new: names.newTable });
const after = ({ names }: Shape): Standing => ({ old: names.oldTable, new: names.table });

/** The new table, empty, and what keeps both equal from its first moment on: in one transaction. */
export function expandTable(shape: Shape): PhaseSql {
  const { names, facts } = shape;
  const owner = quoteIdentifier(facts.owner);
  return {
    together: true,
    apply:
      lines(
        `create table ${names.newTable} (like ${names.table} including all excluding identity)`,
        shape.changes.flatMap((change) => changeColumn(names.newTable, change)),
        identityDefaults(shape),
        foreignKeysOut(shape),
        `alter table ${names.newTable} owner to ${owner}`,
        grantAll(facts.grants, names.newTable),
        functions(shape, before(shape)),
        triggers(shape, before(shape)),
      ) + createViews(shape, before(shape)),
    revert:
      dropViews(shape) +
      lines(
        `drop trigger if exists ${quoteIdentifier(names.trigger)} on ${names.table}`,
        `drop table if exists ${names.newTable} cascade`,
        `drop function if exists ${names.upFunction}()`,
        `drop function if exists ${names.downFunction}()`,
      ),
  };
}

/** Keys that point at the table point at the new one, too, and are looked through without keeping anybody out. */
export function linkTable(shape: Shape): PhaseSql {
  const keys = shape.facts.foreignKeysIn;
  const added = keys.flatMap((key) => {
    const table = referencing(shape, key);
    const name = quoteIdentifier(linkName(key));
    const columns = key.columns.map(quoteIdentifier).join(', ');
    const referenced = key.referenced.map((column) => quoteIdentifier(newNameOf(shape, column))).join(', ');
    return [
      `alter table ${table} add constraint ${name} foreign key (${columns}) references ${shape.names.newTable} (${referenced})${key.rules} not valid`,
      `alter table ${table} validate constraint ${name}`,
    ];
  });
  return {
    together: false,
    apply: lines(added),
    revert: lines(
      keys
        .filter(({ onItself }) => !onItself)
        .map(
          (key) =>
            `alter table ${referencing(shape, key)} drop constraint if exists ${quoteIdentifier(linkName(key))}`,
        ),
    ),
  };
}

/** The new table takes the name, and what keeps both equal goes on with the names changed. */
export function swapTables(shape: Shape): PhaseSql {
  const { names } = shape;
  return {
    together: true,
    apply: lines(
      `alter table ${names.table} rename to ${quoteIdentifier(names.oldName)}`,
      `alter table ${names.newTable} rename to ${quoteIdentifier(shape.facts.name)}`,
      functions(shape, after(shape)),
    ),
    revert: lines(
      `alter table ${names.table} rename to ${quoteIdentifier(names.newName)}`,
      `alter table ${names.oldTable} rename to ${quoteIdentifier(shape.facts.name)}`,
      functions(shape, before(shape)),
    ),
  };
}

export const linkName = ({ name, onItself }: ForeignKeyFacts): string =>
  onItself ? name : withSuffix(name, '_crossfade_new');

/** A table that points at itself points, in its new shape, at its new shape. */
function referencing({ names }: Shape, { onItself, schema, table }: ForeignKeyFacts): string {
  return onItself ? names.newTable : `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`;
}

function newNameOf({ changes }: Shape, column: string): string {
  return changes.find(({ from }) => from?.name === column)?.to?.name ?? column;
}

/** Both tables number their rows from one sequence, or they would give one number twice. */
function identityDefaults(shape: Shape): string[] {
  const { facts, names } = shape;
  return facts.columns
    .filter(({ isIdentity }) => isIdentity)
    .map(({ name }) => {
      const table = text(names.newTable.replaceAll('%', '%%')).slice(1, -1);
      const column = text(newNameOf(shape, name));
      const sequence = `pg_get_serial_sequence(${text(names.table)}, ${text(name)})`;
      return `do $crossfade$
begin
  execute format('alter table ${table} alter column %I set default nextval(%L::regclass)', ${column}, ${sequence});
end $crossfade$`;
    });
}

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

function changeColumn(table: string, change: ResolvedChange): string[] {
  const { from, to } = change;
  if (from && !to) return [`alter table ${table} drop column ${quoteIdentifier(from.name)}`];
  if (!to) return [];
  const column = quoteIdentifier(to.name);
  const made = from
    ? retype(table, change, column)
    : [`alter table ${table} add column ${column} ${to.type}`];
  const value = change.default ?? inheritedDefault(change);
  return [
    ...made,
    ...(value === undefined ? [] : [`alter table ${table} alter column ${column} set default (${value}\n)`]),
    `alter table ${table} alter column ${column} ${change.notNull ? 'set' : 'drop'} not null`,
  ];
}

/** What was the default is one still where it can be read as the new type; else Postgres refuses it, and the plan has to say it. */
function inheritedDefault({ from, to }: ResolvedChange): string | undefined {
  if (!from || !to || from.type === to.type || from.default === null) return undefined;
  return `(${from.default})::${to.type}`;
}

function retype(table: string, { from, to }: ResolvedChange, column: string): string[] {
  if (!from || !to) return [];
  const isRenamed = from.name !== to.name;
  return [
    ...(isRenamed ? [`alter table ${table} rename column ${quoteIdentifier(from.name)} to ${column}`] : []),
    ...(from.type === to.type
      ? []
      : [
          dropWhatSpeaksOf(table, to.name),
          `alter table ${table} alter column ${column} drop default`,
          `alter table ${table} alter column ${column} type ${to.type} using null`,
        ]),
  ];
}

/**
 * Checks and indexes with an expression or a condition speak of values of the old type: to the new one they may mean nothing.
 * The contract step names them, and wants to be told that they may go.
 */
function dropWhatSpeaksOf(table: string, column: string): string {
  return `do $crossfade$
declare
  it record;
begin
  for it in
    select format('alter table %s drop constraint %I', k.conrelid::regclass, k.conname) as statement
      from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attname = ${text(column)}
     where k.conrelid = ${text(table)}::regclass and k.contype = 'c' and a.attnum = any(k.conkey)
    union all
    select distinct format('drop index %s', i.indexrelid::regclass)
      from pg_index i
      join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = i.indexrelid and d.refobjid = i.indrelid
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = d.refobjsubid and a.attname = ${text(column)}
     where i.indrelid = ${text(table)}::regclass and (i.indexprs is not null or i.indpred is not null)
  loop
    execute it.statement;
  end loop;
end $crossfade$`;
}

/** The table is empty: nothing is looked through. A key on itself comes once the rows are there. */
function foreignKeysOut({ facts, names }: Shape): string[] {
  return facts.foreignKeysOut
    .filter(({ onItself }) => !onItself)
    .map(
      ({ name, definition }) =>
        `alter table ${names.newTable} add constraint ${quoteIdentifier(name)} ${definition}`,
    );
}

function functions(shape: Shape, standing: Standing): string[] {
  return [upFunction(shape, standing), downFunction(shape, standing), differsFunction(shape, standing)];
}

function triggers({ names }: Shape, standing: Standing): string[] {
  const trigger = quoteIdentifier(names.trigger);
  const unlessMirrored = `when (coalesce(current_setting('${mirroring}', true), '') = '')`;
  return [
    `create trigger ${trigger} after insert or update or delete on ${standing.new} for each row ${unlessMirrored} execute function ${names.downFunction}()`,
    `create trigger ${trigger} after insert or update or delete on ${standing.old} for each row execute function ${names.upFunction}()`,
  ];
}
