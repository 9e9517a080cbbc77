import { lines, type PhaseSql } from '../reshape/phase-sql.ts';
import type { Shape } from '../reshape/shape.ts';
import type { ForeignKeyFacts } from '../reshape/table-facts.ts';
import { linkName, ownDeferrability } from '../reshape/table-phases.ts';
import { viewName } from '../reshape/views.ts';
import { quoteIdentifier } from '../sql/identifiers.ts';
import type { BoundObject, OwnedSequence, TableBinding } from './bound-objects.ts';
import { setNotNull } from './contract-columns.ts';

/** Where both tables stand, and what hangs on them. */
export interface BothTables {
  readonly old: string;
  readonly new: string;
  readonly isSwapped: boolean;
  readonly ofOld: TableBinding;
  readonly ofNew: TableBinding;
}

/** Indexes and constraints of the old table that the new one has none like. Triggers are made again on the new one. */
export function lostWithTable(shape: Shape, { ofOld, ofNew }: BothTables): readonly BoundObject[] {
  const linked = new Set(
    shape.facts.foreignKeysIn.filter(({ onItself }) => onItself).map(({ name }) => name),
  );
  return ofOld.objects.filter(
    (object) => object.kind !== 'trigger' && !linked.has(object.name) && !counterpartOf(shape, object, ofNew),
  );
}

function counterpartOf(
  shape: Shape,
  object: BoundObject,
  { objects }: TableBinding,
): BoundObject | undefined {
  const meaning = asCalledNow(shape, object.meaning);
  const alike = objects.find((other) => other.kind === object.kind && other.meaning === meaning);
  // A key on the table itself points at another table now, and means the same.
  const named = objects.find(
    ({ kind, name }) => kind === object.kind && kind === 'constraint' && name === object.name,
  );
  return alike ?? named;
}

/** A definition with its columns called as in the new shape. */
function asCalledNow({ changes }: Shape, meaning: string): string {
  return changes.reduce((text, { from, to }) => {
    if (!from || !to || from.name === to.name) return text;
    const name = new RegExp(`\\b${from.name.replaceAll('$', '\\$')}\\b`, 'g');
    return text.replace(name, () => to.name);
  }, meaning);
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
  const ours = [names.trigger, names.truncateTrigger];
  const kept = ofOld.objects.filter(({ name }) => !loses.includes(name) && !ours.includes(name));
  return {
    together: true,
    apply: lines(
      lockInOrder(shape, next, old),
      [old, next].flatMap((table) =>
        [names.trigger, names.truncateTrigger].map(
          (name) => `drop trigger if exists ${quoteIdentifier(name)} on ${table}`,
        ),
      ),
      `drop function if exists ${names.differs}(${old}, ${next})`,
      `drop function if exists ${names.upFunction}()`,
      `drop function if exists ${names.downFunction}()`,
      shape.changes.flatMap(({ to, notNull }) =>
        to && notNull && to.name !== shape.key.new.name ? setNotNull(next, to.standing) : [],
      ),
      foreignKeysIn(shape),
      facts.foreignKeysOut.map((key) => settle(next, key)),
      kept.filter(({ kind }) => kind === 'trigger').flatMap((trigger) => remake(trigger, ofOld.table, next)),
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

/**
 * In the order of whoever writes: what points at the table, the table, and by its trigger the old one. In another order we would
 * hold what they want and want what they hold, and under constant writing it would be so at every attempt.
 */
function lockInOrder({ facts }: Shape, next: string, old: string): string {
  const pointing = facts.foreignKeysIn
    .filter(({ onItself }) => !onItself)
    .map(({ schema, table }) => `${quoteIdentifier(schema)}.${quoteIdentifier(table)}`);
  return `lock table ${[...new Set(pointing), next, old].join(', ')} in access exclusive mode`;
}

const states: Readonly<Record<string, string>> = { D: 'disable', A: 'enable always', R: 'enable replica' };

function remake({ name, definition, state }: BoundObject, old: string, next: string): string[] {
  const made = definition.replace(` ON ${old} `, () => ` ON ${next} `);
  const kept = state === undefined ? undefined : states[state];
  return kept === undefined ? [made] : [made, `alter table ${next} ${kept} trigger ${quoteIdentifier(name)}`];
}

function foreignKeysIn({ facts }: Shape): string[] {
  return facts.foreignKeysIn
    .filter(({ onItself }) => !onItself)
    .flatMap((key) => {
      const table = `${quoteIdentifier(key.schema)}.${quoteIdentifier(key.table)}`;
      return [
        `alter table ${table} drop constraint if exists ${quoteIdentifier(key.name)}`,
        `alter table ${table} rename constraint ${quoteIdentifier(linkName(key))} to ${quoteIdentifier(key.name)}`,
        settle(table, key),
      ];
    });
}

/** Asked at the end of a transaction only while rows came from another table. */
const settle = (table: string, { name, rules }: ForeignKeyFacts): string =>
  `alter table ${table} alter constraint ${quoteIdentifier(name)} ${ownDeferrability(rules)}`;

function handOver(
  shape: Shape,
  { sequence, column, identity, options }: OwnedSequence,
  table: string,
): string[] {
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
  alter table ${table} alter column ${quoteIdentifier(name)} add generated ${identity} as identity (${options});
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

function renameIndex(shape: Shape, index: BoundObject, ofNew: TableBinding): string[] {
  const twin = counterpartOf(shape, index, ofNew);
  if (!twin || twin.name === index.name) return [];
  return [
    `alter index ${quoteIdentifier(shape.facts.schema)}.${quoteIdentifier(twin.name)} rename to ${quoteIdentifier(index.name)}`,
  ];
}
