import { quoteIdentifier } from '../sql/identifiers.ts';
import { columnList, expressionList, newScope, oldScope, saysTheSame, searchPath } from './expressions.ts';
import type { Computed, Shape } from './shape.ts';

/** Where each shape stands at the moment: they change places in the swap. */
export interface Standing {
  readonly old: string;
  readonly new: string;
}

/** Set while a row is written for the other shape's sake: what it says is known there already. */
export const mirroring = 'crossfade.mirroring';

/**
 * What is written to the old table is written to the new one, in the same transaction. What the new shape cannot hold does not
 * come there, and the verification finds it: nobody's write fails for the sake of a shape that they know nothing of.
 */
export function upFunction(shape: Shape, { new: there }: Standing): string {
  const { up, key, names } = shape;
  const keyThere = quoteIdentifier(key.new.standing);
  const keyHere = quoteIdentifier(key.old.standing);
  const upKey = (row: string): string =>
    `(select (${expressionOf(up, key.new.name)}\n) from ${oldScope(shape, row)})`;
  return `create or replace function ${names.upFunction}() returns trigger language plpgsql security definer
set search_path = ${searchPath(shape)} set ${mirroring} = 'up' as $crossfade$
#variable_conflict use_column
declare
  crossfade_row ${there}%rowtype;
begin
  if tg_op = 'DELETE' then
    delete from ${there} as c where c.${keyThere} = ${upKey('old')};
    return null;
  end if;
  if tg_op = 'UPDATE' and old.${keyHere} is distinct from new.${keyHere} then
    update ${there} as c set ${keyThere} = ${upKey('new')} where c.${keyThere} = ${upKey('old')};
  end if;
  begin
    select ${expressionList(up)} into ${fields(up)} from ${oldScope(shape, 'new')};
  exception when data_exception then
    -- Left as it was there: were it deleted, what points at it would go with it.
    return null;
  end;
  if exists (select from ${there} as c where c.${keyThere} = crossfade_row.${keyThere} and ${saysTheSame(shape, 'new', 'c')}) then
    return null;
  end if;
  ${upsert(there, up, key.new.standing, `values (${fields(up)})`)};
  return null;
end $crossfade$`;
}

/** What is written to the new table is written to the old one. What the old shape cannot hold is refused: the way back would lose it. */
export function downFunction(shape: Shape, { old: there }: Standing): string {
  const { down, key, names } = shape;
  const keyThere = quoteIdentifier(key.old.standing);
  const keyHere = quoteIdentifier(key.new.standing);
  const downKey = (row: string): string =>
    `(select (${expressionOf(down, key.old.name)}\n) from ${newScope(shape, row)})`;
  return `create or replace function ${names.downFunction}() returns trigger language plpgsql security definer
set search_path = ${searchPath(shape)} as $crossfade$
#variable_conflict use_column
begin
  if tg_op = 'DELETE' then
    delete from ${there} as r where r.${keyThere} = ${downKey('old')};
    return null;
  end if;
  if tg_op = 'UPDATE' and old.${keyHere} is distinct from new.${keyHere} then
    update ${there} as r set ${keyThere} = ${downKey('new')} where r.${keyThere} = ${downKey('old')};
  end if;
  if exists (select from ${there} as r where r.${keyThere} = ${downKey('new')} and ${saysTheSame(shape, 'r', 'new')}) then
    return null;
  end if;
  ${upsert(there, down, key.old.standing, `select ${expressionList(down)} from ${newScope(shape, 'new')}`)};
  return null;
end $crossfade$`;
}

/** Whether a row of each table do not say the same; true, too, where the new shape cannot hold the old row. */
export function differsFunction(shape: Shape, { old, new: there }: Standing): string {
  return `create or replace function ${shape.names.differs}(r ${old}, c ${there}) returns boolean language plpgsql stable
set search_path = ${searchPath(shape)} as $crossfade$
#variable_conflict use_column
begin
  return not ${saysTheSame(shape, 'r', 'c')};
exception when data_exception then
  return true;
end $crossfade$`;
}

const fields = (columns: readonly Computed[]): string =>
  columns.map(({ column }) => `crossfade_row.${quoteIdentifier(column.standing)}`).join(', ');

function expressionOf(columns: readonly Computed[], name: string): string {
  const found = columns.find(({ column }) => column.name === name);
  if (!found) throw new Error(`the key ${name} is not computed in both directions`);
  return found.expression;
}

function upsert(table: string, columns: readonly Computed[], key: string, source: string): string {
  const others = columns.flatMap(({ column, once }) =>
    once === true || column.standing === key ? [] : [column.standing],
  );
  const set = others.map((name) => `${quoteIdentifier(name)} = excluded.${quoteIdentifier(name)}`);
  const resolution = set.length === 0 ? 'do nothing' : `do update set ${set.join(', ')}`;
  return `insert into ${table} (${columnList(columns)}) overriding system value ${source}
  on conflict (${quoteIdentifier(key)}) ${resolution}`;
}
