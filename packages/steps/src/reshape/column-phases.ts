import { quoteIdentifier } from '../sql/identifiers.ts';
import { newScope, oldScope, searchPath } from './expressions.ts';
import { mirroring } from './mirror-functions.ts';
import { lines, type PhaseSql } from './phase-sql.ts';
import type { ResolvedChange, Shape } from './shape.ts';
import { createViews, dropViews } from './views.ts';

/** New columns beside the old ones, and what keeps both equal from their first moment on: in one transaction. */
export function expandColumns(shape: Shape): PhaseSql {
  const { names } = shape;
  const added = shape.changes.flatMap(({ to }) => (to ? [to] : []));
  return {
    together: true,
    apply:
      lines(
        added.map(
          ({ standing, type }) =>
            `alter table ${names.table} add column ${quoteIdentifier(standing)} ${type}`,
        ),
        differsFunction(shape),
        keepFunction(shape),
        `create trigger ${quoteIdentifier(names.trigger)} before insert or update on ${names.table} for each row ${unlessFilling} execute function ${names.upFunction}()`,
      ) + createViews(shape, { old: names.table, new: names.table }),
    revert:
      dropViews(shape) +
      lines(
        `drop trigger if exists ${quoteIdentifier(names.trigger)} on ${names.table}`,
        `drop function if exists ${names.upFunction}()`,
        `drop function if exists ${names.differs}(${names.table})`,
        added.map(
          ({ standing }) => `alter table ${names.table} drop column if exists ${quoteIdentifier(standing)}`,
        ),
      ),
  };
}

/** What the backfill sets is no release's writing. */
const unlessFilling = `when (coalesce(current_setting('${mirroring}', true), '') = '')`;

/** Which columns of a row a change is about, once both shapes have it. */
const both = ({ changes }: Shape): readonly Both[] =>
  changes.flatMap(({ from, to, up, down }) =>
    from && to && up !== undefined && down !== undefined
      ? [
          {
            from: quoteIdentifier(from.name),
            to: quoteIdentifier(to.standing),
            type: to.type,
            up,
            down,
            fromType: from.type,
          },
        ]
      : [],
  );

interface Both {
  readonly from: string;
  readonly to: string;
  readonly type: string;
  readonly fromType: string;
  readonly up: string;
  readonly down: string;
}

const onlyNew = ({ changes }: Shape): readonly ResolvedChange[] =>
  changes.filter(({ from, to, up }) => !from && to && up !== undefined);

/**
 * Who has written is told from what has changed: a release knows its own column and leaves the other as it is. What the new
 * shape cannot hold is left empty there and found by the verification; what the old one cannot hold is refused.
 */
function keepFunction(shape: Shape): string {
  const { names } = shape;
  return `create or replace function ${names.upFunction}() returns trigger language plpgsql security definer
set search_path = ${searchPath(shape)} as $crossfade$
#variable_conflict use_column
declare
  crossfade_was ${names.table}%rowtype;
begin
  if tg_op = 'UPDATE' then crossfade_was := old; end if;
${both(shape)
  .map((pair) => keepPair(shape, pair))
  .join('\n')}
${onlyNew(shape)
  .map((change) => keepNew(shape, change))
  .join('\n')}
  return new;
end $crossfade$`;
}

function keepPair(shape: Shape, { from, to, type, fromType, up, down }: Both): string {
  const computed = (row: string): string => `(select (${up}\n)::${type} from ${oldScope(shape, row)})`;
  return `  if (tg_op = 'INSERT' and new.${to} is not null) or (tg_op = 'UPDATE' and new.${to} is distinct from old.${to}) then
    if new.${from} is not distinct from crossfade_was.${from} or tg_op = 'INSERT' then
      new.${from} := (select (${down}\n)::${fromType} from ${newScope(shape, 'new')});
    end if;
  else
    begin
      if tg_op = 'INSERT' or new.${to} is null or ${computed('new')} is distinct from ${computed('old')} then
        new.${to} := ${computed('new')};
      end if;
    exception when data_exception then
      begin
        new.${to} := ${computed('new')};
      exception when data_exception then
        new.${to} := null;
      end;
    end;
  end if;`;
}

/** A column that only the new shape has is computed until the new release writes it. */
function keepNew(shape: Shape, { to, up }: ResolvedChange): string {
  if (!to) return '';
  const column = `new.${quoteIdentifier(to.standing)}`;
  return `  if ${column} is null then
    begin
      ${column} := (select (${up}\n)::${to.type} from ${oldScope(shape, 'new')});
    exception when data_exception then
      ${column} := null;
    end;
  end if;`;
}

/** Whether a row's two shapes do not say the same; true, too, where the new shape cannot hold the old value. */
function differsFunction(shape: Shape): string {
  const { names } = shape;
  const pairs = both(shape).map(
    ({ from, to, type, fromType, up, down }) => `(
    r.${to} is not distinct from (select (${up}\n)::${type} from ${oldScope(shape, 'r')}) or
    (r.${to} is not null and r.${from} is not distinct from (select (${down}\n)::${fromType} from ${newScope(shape, 'r')})))`,
  );
  const added = onlyNew(shape).flatMap(({ to, up }) =>
    to
      ? [
          `(r.${quoteIdentifier(to.standing)} is not null or (select (${up}\n) from ${oldScope(shape, 'r')}) is null)`,
        ]
      : [],
  );
  const all = [...pairs, ...added];
  return `create or replace function ${names.differs}(r ${names.table}) returns boolean language plpgsql stable
set search_path = ${searchPath(shape)} as $crossfade$
#variable_conflict use_column
begin
  return not (${all.length === 0 ? 'true' : all.join(' and ')});
exception when data_exception then
  return true;
end $crossfade$`;
}

/** What a backfill sets, and the guard by which a row is still to do; null where nothing is to be filled. */
export function fillOf(
  shape: Shape,
): { readonly set: Readonly<Record<string, string>>; readonly where: string } | null {
  const row = quoteIdentifier(shape.facts.name);
  const filled = shape.changes.flatMap(({ to, up }) => (to && up !== undefined ? [{ to, up }] : []));
  if (filled.length === 0) return null;
  const isEmpty = filled.map(({ to }) => `${row}.${quoteIdentifier(to.standing)} is null`);
  const set = filled.map(({ to, up }) => {
    const value = `${row}.${quoteIdentifier(to.standing)}`;
    return [to.standing, `coalesce(${value}, (select (${up}\n)::${to.type} from ${oldScope(shape, row)}))`];
  });
  return {
    set: Object.fromEntries(set),
    where: `(${isEmpty.join(' or ')}) and ${shape.names.differs}(${row}.*)`,
  };
}
