import { lines, type PhaseSql } from '../reshape/phase-sql.ts';
import type { Shape } from '../reshape/shape.ts';
import { linkName } from '../reshape/table-phases.ts';
import { viewName } from '../reshape/views.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import type { BoundObject, OwnedSequence, TableBinding } from './bound-objects.ts';

/** Where both tables stand, and what hangs on them. */
export interface BothTables {
  readonly old: string;
  readonly new: string;
  readonly isSwapped: boolean;
  readonly ofOld: TableBinding;
  readonly ofNew: TableBinding;
}

/** Indexes and constraints of the old table that the new one has none like. Triggers are made again on the new one. */
export function lostWithTable({ names }: Shape, { ofOld, ofNew }: BothTables): readonly BoundObject[] {
  return ofOld.objects.filter(
    (object) => object.kind !== 'trigger' && object.name !== names.trigger && !counterpartOf(object, ofNew),
  );
}

function counterpartOf(object: BoundObject, { objects }: TableBinding): BoundObject | undefined {
  const alike = objects.filter(({ kind, meaning }) => kind === object.kind && meaning === object.meaning);
  // A key on the table itself points at another table now, and means the same.
  const named = objects.find(
    ({ kind, name }) => kind === object.kind && kind === 'constraint' && name === object.name,
  );
  return alike[0] ?? named;
}

/** The old table goes, and the new one has all its names, keys, triggers and sequences. */
export function finishTable(
  shape: Shape,
  tables: BothTables,
  loses: readonly string[],
  mark: string,
): PhaseSql {
  const { names, facts, config } = shape;
  const { old, new: next, isSwapped, ofOld, ofNew } = tables;
  const oldView = config.views?.old;
  const kept = ofOld.objects.filter(({ name }) => !loses.includes(name) && name !== names.trigger);
  return {
    together: true,
    apply: lines(
      [old, next].map((table) => `drop trigger if exists ${quoteIdentifier(names.trigger)} on ${table}`),
      `drop function if exists ${names.differs}(${old}, ${next})`,
      `drop function if exists ${names.upFunction}()`,
      `drop function if exists ${names.downFunction}()`,
      foreignKeysIn(shape),
      kept
        .filter(({ kind }) => kind === 'trigger')
        .map(({ definition }) => definition.replace(` ON ${plain(old)} `, ` ON ${next} `)),
      ofOld.sequences.flatMap((owned) => handOver(shape, owned, next)),
      oldView === undefined ? undefined : `drop view if exists ${viewName(shape, oldView)}`,
      `drop table ${old}`,
      ofOld.sequences.flatMap((owned) => keepName(shape, owned, next)),
      kept.filter(({ kind }) => kind === 'index').flatMap((index) => renameIndex(shape, index, ofNew)),
      isSwapped ? undefined : `alter table ${next} rename to ${quoteIdentifier(facts.name)}`,
      mark,
    ),
    revert: '',
  };
}

/** As Postgres writes it in definitions: quoted only where it must be. */
const plain = (table: string): string =>
  table
    .split('.')
    .map((part) => (/^"[a-z_][a-z0-9_$]*"$/.test(part) ? part.slice(1, -1) : part))
    .join('.');

function foreignKeysIn({ facts }: Shape): string[] {
  return facts.foreignKeysIn
    .filter(({ onItself }) => !onItself)
    .flatMap((key) => {
      const table = `${quoteIdentifier(key.schema)}.${quoteIdentifier(key.table)}`;
      return [
        `alter table ${table} drop constraint if exists ${quoteIdentifier(key.name)}`,
        `alter table ${table} rename constraint ${quoteIdentifier(linkName(key))} to ${quoteIdentifier(key.name)}`,
      ];
    });
}

function handOver(shape: Shape, { sequence, column, identity }: OwnedSequence, table: string): string[] {
  const name = newNameOf(shape, column);
  if (name === undefined) return [];
  if (identity === null) return [`alter sequence ${sequence} owned by ${table}.${quoteIdentifier(name)}`];
  return [
    `do $crossfade$
declare
  before record;
begin
  select last_value, is_called into before from ${sequence};
  alter table ${table} alter column ${quoteIdentifier(name)} drop default;
  alter table ${table} alter column ${quoteIdentifier(name)} add generated ${identity} as identity;
  perform setval(pg_get_serial_sequence(${text(table)}, ${text(name)}), before.last_value, before.is_called);
end $crossfade$`,
  ];
}

/** The sequence of an identity column was made with it, and could not be called as the old one was while that was there. */
function keepName(shape: Shape, { name: own, column, identity }: OwnedSequence, table: string): string[] {
  const name = newNameOf(shape, column);
  if (identity === null || name === undefined) return [];
  return [
    `do $crossfade$
begin
  execute format('alter sequence %s rename to %I', pg_get_serial_sequence(${text(table)}, ${text(name)}), ${text(own)});
end $crossfade$`,
  ];
}

const text = (value: string): string => `'${value.replaceAll("'", "''")}'`;

/** Undefined for a column that the new shape does not have. */
function newNameOf({ changes }: Shape, column: string): string | undefined {
  const change = changes.find(({ from }) => from?.name === column);
  return change ? change.to?.name : column;
}

function renameIndex({ facts }: Shape, index: BoundObject, ofNew: TableBinding): string[] {
  const twin = counterpartOf(index, ofNew);
  if (!twin || twin.name === index.name) return [];
  return [
    `alter index ${quoteIdentifier(facts.schema)}.${quoteIdentifier(twin.name)} rename to ${quoteIdentifier(index.name)}`,
  ];
}
