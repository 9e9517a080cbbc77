import { quoteIdentifier } from '../sql/identifiers.ts';
import { differsFunction, downFunction, isMirroring, upFunction, type Standing } from './mirror-functions.ts';
import { lines, literal, type PhaseSql } from './phase-sql.ts';
import { withSuffix, type ResolvedChange, type Shape, type ShapeColumn } from './shape.ts';
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
        `create ${facts.isUnlogged ? 'unlogged ' : ''}table ${names.newTable} (like ${names.table} including all excluding identity)`,
        shape.changes.flatMap((change) => changeColumn(names.newTable, change, shape.key.new)),
        identityDefaults(shape),
        facts.options.map((option) => `alter table ${names.newTable} set (${option})`),
        facts.comment === null
          ? undefined
          : `comment on table ${names.newTable} is ${literal(facts.comment)}`,
        foreignKeysOut(shape),
        withoutDefaultGrants(names.newTable),
        `alter table ${names.newTable} owner to ${owner}`,
        grantAll(facts.grants, names.newTable),
        functions(shape, before(shape)),
        ownFunctions(shape, before(shape)),
        triggers(shape, before(shape)),
      ) + createViews(shape, before(shape)),
    revert:
      dropViews(shape) +
      lines(
        [names.trigger, names.truncateTrigger].map(
          (name) => `drop trigger if exists ${quoteIdentifier(name)} on ${names.table}`,
        ),
        `drop table if exists ${names.newTable} cascade`,
        `drop function if exists ${names.upFunction}()`,
        `drop function if exists ${names.downFunction}()`,
        revokeSequences(shape),
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
      `alter table ${table} add constraint ${name} foreign key (${columns}) references ${shape.names.newTable} (${referenced})${deferred(key.rules)} not valid`,
      `alter table ${table} validate constraint ${name}`,
    ];
  });
  return {
    together: false,
    apply: lines(added),
    revert: lines(
      keys.map(
        (key) =>
          `alter table if exists ${referencing(shape, key)} drop constraint if exists ${quoteIdentifier(linkName(key))}`,
      ),
    ),
  };
}

/**
 * Rows come to the new table one by one, in the order of their writing: that all is in its place can only be asked at the end. The
 * old table's own keys refuse at once what is to be refused.
 */
const deferred = (rules: string): string =>
  `${rules.replace(deferrability, '')} deferrable initially deferred`;
const deferrability = /( NOT)? DEFERRABLE( INITIALLY (DEFERRED|IMMEDIATE))?/;

/** As the key was: undefined where it was deferred anyway. */
export function ownDeferrability(rules: string): string {
  return deferrability.exec(rules)?.[0].trim() ?? 'not deferrable';
}

/** The new table takes the name, and what keeps both equal goes on with the names changed. */
export function swapTables(shape: Shape): PhaseSql {
  const { names } = shape;
  return {
    together: true,
    apply: lines(
      `alter table ${names.table} rename to ${quoteIdentifier(names.oldName)}`,
      `alter table ${names.newTable} rename to ${quoteIdentifier(shape.facts.name)}`,
      keysAsked(shape, { atOnce: names.table, atTheEnd: names.oldTable }),
      functions(shape, after(shape)),
    ),
    revert: lines(
      `alter table ${names.table} rename to ${quoteIdentifier(names.newName)}`,
      `alter table ${names.oldTable} rename to ${quoteIdentifier(shape.facts.name)}`,
      keysAsked(shape, { atOnce: names.table, atTheEnd: names.newTable }),
      functions(shape, before(shape)),
    ),
  };
}

/** Of the table that people write to, keys are asked as they were; of the other, whose rows come one by one, at the end. */
function keysAsked({ facts }: Shape, { atOnce, atTheEnd }: { atOnce: string; atTheEnd: string }): string[] {
  return facts.foreignKeysOut.flatMap(({ name, rules }) => [
    `alter table ${atOnce} alter constraint ${quoteIdentifier(name)} ${ownDeferrability(rules)}`,
    `alter table ${atTheEnd} alter constraint ${quoteIdentifier(name)} deferrable initially deferred`,
  ]);
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

/** Default privileges of the schema may let people see more than the table did. */
function withoutDefaultGrants(table: string): string {
  return `do $crossfade$
declare
  who text;
begin
  for who in
    select distinct case when g.grantee = 0 then 'public' else quote_ident(pg_get_userbyid(g.grantee)) end
      from pg_class c, aclexplode(c.relacl) g where c.oid = ${literal(table)}::regclass and g.grantee <> c.relowner
  loop
    execute 'revoke all on ${table.replaceAll("'", "''")} from ' || who;
  end loop;
end $crossfade$`;
}

/** Both tables number their rows from one sequence, or they would give one number twice. */
function identityDefaults(shape: Shape): string[] {
  return identities(shape).flatMap(({ name, sequence, usersWithout }) => [
    `alter table ${shape.names.newTable} alter column ${quoteIdentifier(newNameOf(shape, name))} set default nextval(${literal(sequence)}::regclass)`,
    // Of an identity column, nobody needs a right to its sequence; of a default, whoever adds a row does.
    ...usersWithout.map((role) => `grant usage on sequence ${sequence} to ${quoteIdentifier(role)}`),
  ]);
}

function revokeSequences(shape: Shape): string[] {
  return identities(shape).flatMap(({ sequence, usersWithout }) =>
    usersWithout.map((role) => `revoke usage on sequence ${sequence} from ${quoteIdentifier(role)}`),
  );
}

const identities = ({ facts }: Shape) =>
  facts.columns.flatMap(({ name, sequence, usersWithout }) =>
    sequence === null ? [] : [{ name, sequence, usersWithout }],
  );

function changeColumn(table: string, change: ResolvedChange, key: ShapeColumn): string[] {
  const { from, to } = change;
  if (from && !to) return [`alter table ${table} drop column ${quoteIdentifier(from.name)}`];
  if (!to) return [];
  const isKey = to.name === key.name;
  const column = quoteIdentifier(to.name);
  const made = from
    ? retype(table, change, column)
    : [`alter table ${table} add column ${column} ${to.type}`];
  const value = change.default ?? inheritedDefault(change);
  return [
    ...made,
    ...(value === undefined ? [] : [`alter table ${table} alter column ${column} set default (${value}\n)`]),
    // Nobody who writes the old shape is to be stopped by it: the contract step sets it.
    `alter table ${table} alter column ${column} ${isKey ? 'set' : 'drop'} not null`,
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
      from pg_constraint k join pg_attribute a on a.attrelid = k.conrelid and a.attname = ${literal(column)}
     where k.conrelid = ${literal(table)}::regclass and k.contype = 'c' and a.attnum = any(k.conkey)
    union all
    select distinct format('drop index %s', i.indexrelid::regclass)
      from pg_index i
      join pg_depend d on d.classid = 'pg_class'::regclass and d.objid = i.indexrelid and d.refobjid = i.indrelid
      join pg_attribute a on a.attrelid = i.indrelid and a.attnum = d.refobjsubid and a.attname = ${literal(column)}
     where i.indrelid = ${literal(table)}::regclass and (i.indexprs is not null or i.indpred is not null)
  loop
    execute it.statement;
  end loop;
end $crossfade$`;
}

/** The table is empty: nothing is looked through. A key on itself comes once the rows are there. */
function foreignKeysOut(shape: Shape): string[] {
  const gone = new Set(shape.changes.flatMap(({ from, to }) => (from && !to ? [from.name] : [])));
  return shape.facts.foreignKeysOut
    .filter(({ onItself, columns }) => !onItself && !columns.some((column) => gone.has(column)))
    .map(({ name, columns, definition }) => {
      const listed = columns.map((column) => quoteIdentifier(newNameOf(shape, column))).join(', ');
      const rest = definition.slice(definition.indexOf(') REFERENCES ') + 1);
      return `alter table ${shape.names.newTable} add constraint ${quoteIdentifier(name)} foreign key (${listed})${deferred(rest)}`;
    });
}

function functions(shape: Shape, standing: Standing): string[] {
  return [upFunction(shape, standing), downFunction(shape, standing), differsFunction(shape, standing)];
}

/** They write with the owner's rights: nobody else may have them do so, from a table of their own. */
function ownFunctions({ names, facts }: Shape, { old, new: next }: Standing): string[] {
  const owner = quoteIdentifier(facts.owner);
  return [
    ...[names.upFunction, names.downFunction].flatMap((name) => [
      `revoke all on function ${name}() from public`,
      `alter function ${name}() owner to ${owner}`,
    ]),
    `alter function ${names.differs}(${old}, ${next}) owner to ${owner}`,
  ];
}

function triggers(shape: Shape, standing: Standing): string[] {
  const { names } = shape;
  const unlessMirrored = `when (not (${isMirroring(shape)}))`;
  const create = (name: string, event: string, on: string, call: string): string =>
    `create trigger ${quoteIdentifier(name)} after ${event} on ${on} ${call}()`;
  const row = 'insert or update or delete';
  return [
    create(
      names.trigger,
      row,
      standing.new,
      `for each row ${unlessMirrored} execute function ${names.downFunction}`,
    ),
    create(
      names.truncateTrigger,
      'truncate',
      standing.new,
      `for each statement execute function ${names.downFunction}`,
    ),
    create(
      names.truncateTrigger,
      'truncate',
      standing.old,
      `for each statement execute function ${names.upFunction}`,
    ),
    create(names.trigger, row, standing.old, `for each row execute function ${names.upFunction}`),
  ];
}
