import { quoteIdentifier } from '../sql/identifiers.ts';
import {
  columnList,
  computed,
  keyAcross,
  movesBetween,
  newScope,
  oldScope,
  pairIsSame,
  restIsSame,
  saysTheSame,
  searchPath,
  writtenDown,
  writtenUp,
} from './expressions.ts';
import type { Computed, Pair, Shape } from './shape.ts';

/** Where each shape stands at the moment: they change places in the swap. */
export interface Standing {
  readonly old: string;
  readonly new: string;
}

/** Set while a row is written for the other shape's sake, to the mark of the change: what it says is known there already. */
export const mirroring = 'crossfade.mirroring';

export const isMirroring = ({ names }: Shape): string =>
  `coalesce(current_setting('${mirroring}', true), '') = '${names.mark}'`;

/** Where rows come from and where they go. */
interface Direction {
  readonly there: string;
  readonly keyHere: string;
  readonly keyThere: string;
  readonly written: readonly Computed[];
  /** Columns that the other shape has nothing like: they follow only where what they are computed from has changed. */
  readonly following: readonly Computed[];
  readonly scope: (row: string) => string;
  readonly keyOf: (row: string) => string;
  /** Of a pair: whether both rows say the same, and nothing is to be written over it. */
  readonly isSame: (pair: Pair) => string;
  readonly target: (pair: Pair) => Computed;
  readonly rest: string | null;
  readonly all: string;
}

/**
 * What is written to the old table is written to the new one, in the same transaction. What the new shape cannot hold does not
 * come there, and the verification finds it: nobody's write fails for the sake of a shape that they know nothing of. `isStrict`:
 * until the old shape goes, when nothing may be left out any more.
 */
export function upFunction(shape: Shape, { new: there }: Standing, isStrict = false): string {
  const direction = directionOf(shape, 'up', there);
  const work = mirror(shape, direction);
  const careful = isStrict || shape.changes.length === 0 ? work : leavingOut(work);
  const { upFunction: name, mark } = shape.names;
  return triggerFunction(name, shape, `set ${mirroring} = '${mark}'`, removals(direction) + careful);
}

/** What is written to the new table is written to the old one. What the old shape cannot hold is refused: the way back would lose it. */
export function downFunction(shape: Shape, { old: there }: Standing): string {
  const direction = directionOf(shape, 'down', there);
  return triggerFunction(shape.names.downFunction, shape, '', removals(direction) + mirror(shape, direction));
}

/** In the functions, `new` is the row that was written and `c` its counterpart. */
function directionOf(shape: Shape, way: 'up' | 'down', there: string): Direction {
  const isUp = way === 'up';
  const { key } = shape;
  const [here, other] = isUp ? [key.old, key.new] : [key.new, key.old];
  const [oldRow, newRow] = isUp ? ['new', 'c'] : ['c', 'new'];
  const written = isUp ? writtenUp(shape) : writtenDown(shape);
  const scope = (row: string): string => (isUp ? oldScope(shape, row) : newScope(shape, row));
  return {
    there,
    keyHere: quoteIdentifier(here.standing),
    keyThere: quoteIdentifier(other.standing),
    written,
    following: isUp ? shape.onlyNew : shape.onlyOld,
    scope,
    keyOf: (row) => keyAcross(written, other.name, scope(row)),
    isSame: (pair) => pairIsSame(shape, pair, oldRow, newRow),
    target: (pair) => (isUp ? pair.new : pair.old),
    rest: restIsSame(shape, oldRow, newRow),
    all: saysTheSame(shape, oldRow, newRow),
  };
}

function triggerFunction(name: string, shape: Shape, settings: string, body: string): string {
  return `create or replace function ${name}() returns trigger language plpgsql security definer
set search_path = ${searchPath(shape)} ${settings} as $crossfade$
#variable_conflict use_column
begin
${body}  return null;
end $crossfade$`;
}

function removals({ there, keyHere, keyThere, keyOf }: Direction): string {
  return `  if tg_op = 'TRUNCATE' then
    delete from ${there};
    return null;
  end if;
  if tg_op = 'DELETE' then
    delete from ${there} as c where c.${keyThere} = ${keyOf('old')};
    return null;
  end if;
  if tg_op = 'UPDATE' and old.${keyHere} is distinct from new.${keyHere} then
    update ${there} as c set ${keyThere} = ${keyOf('new')} where c.${keyThere} = ${keyOf('old')};
  end if;
`;
}

/** Whoever knows only the old shape must not be stopped by the new one's limits. */
const leavingOut = (work: string): string => `  begin
${work}  exception when data_exception or integrity_constraint_violation then
    -- Left as it was there: were it deleted, what points at it would go with it.
    return null;
  end;
`;

function mirror(shape: Shape, direction: Direction): string {
  const { there, keyThere, written, following, scope, keyOf, all } = direction;
  const columns = written.map(({ column }) => column);
  const values = written.map((column) => computed(column, scope('new'))).join(', ');
  const stays = following.length === 0 ? '' : ` and not (${moved(direction)})`;
  return `  if exists (select from ${there} as c where c.${keyThere} = ${keyOf('new')} and ${all}${stays}) then
    return null;
  end if;
  insert into ${there} as c (${columnList(columns)}) overriding system value values (${values})
  on conflict (${keyThere}) ${resolution(shape, direction)};
`;
}

function resolution(shape: Shape, direction: Direction): string {
  const { keyThere, isSame, target, following } = direction;
  const kept = shape.kept
    .map(({ standing }) => quoteIdentifier(standing))
    .map((name) => `${name} = excluded.${name}`);
  const pairs = shape.pairs.map((pair) => chosen(target(pair), isSame(pair)));
  const rest = following.map((column) => chosen(column, `not (${moves(column, direction)})`));
  const set = [...kept, ...pairs, ...rest].filter((text) => !text.startsWith(`${keyThere} = `));
  return set.length === 0 ? 'do nothing' : `do update set ${set.join(', ')}`;
}

function chosen({ column }: Computed, keeps: string): string {
  const name = quoteIdentifier(column.standing);
  return `${name} = case when ${keeps} then c.${name} else excluded.${name} end`;
}

const moved = (direction: Direction): string =>
  direction.following.map((column) => moves(column, direction)).join(' or ');

/** Whether what a column is computed from has changed by this write, and it does not say so already. */
function moves(column: Computed, { scope, rest }: Direction): string {
  const isMoved = `tg_op = 'UPDATE' and ${movesBetween(column, scope('new'), scope('old'))}`;
  return rest === null ? `(${isMoved})` : `(${isMoved} and not ${rest})`;
}

/** Whether a row of each table do not say the same; true, too, where the new shape cannot hold the old row. */
export function differsFunction(shape: Shape, { old, new: there }: Standing): string {
  return `create or replace function ${shape.names.differs}(r ${old}, c ${there}) returns boolean language plpgsql stable
set search_path = ${searchPath(shape)} as $crossfade$
#variable_conflict use_column
begin
  return not (${saysTheSame(shape, 'r', 'c')});
exception when data_exception then
  return true;
end $crossfade$`;
}
