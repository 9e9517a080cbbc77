import { createHash } from 'node:crypto';
import { canonicalJson, TerminalError } from '@crossfade/engine';
import { quoteIdentifier } from '../sql/identifiers.ts';
import type { ColumnChange, ReshapeConfig } from './config.ts';
import type { ColumnFacts, TableFacts } from './table-facts.ts';

/** A column of one shape. */
export interface ShapeColumn {
  /** As its release calls it. */
  readonly name: string;
  /** As it is called in the table where it stands: two shapes in one table cannot share a name. */
  readonly standing: string;
  readonly type: string;
  /** Where it is not that of the type. */
  readonly collation?: string;
}

/** A column of one shape, computed from a row of the other. */
export interface Computed {
  readonly column: ShapeColumn;
  readonly expression: string;
}

/** What one change is about: a column that stayed what it is, under one name or two, with the ways between. */
export interface Pair {
  readonly old: Computed;
  readonly new: Computed;
}

/** Both shapes of a table, and the way from each to the other. */
export interface Shape {
  readonly facts: TableFacts;
  readonly config: ReshapeConfig;
  readonly names: ShapeNames;
  readonly old: readonly ShapeColumn[];
  readonly new: readonly ShapeColumn[];
  /** Columns that are the same in both, and can be written. */
  readonly kept: readonly ShapeColumn[];
  readonly pairs: readonly Pair[];
  /** Of the new shape alone, computed from the old row; the other way round. Together they may say what the others say. */
  readonly onlyNew: readonly Computed[];
  readonly onlyOld: readonly Computed[];
  readonly key: { readonly old: ShapeColumn; readonly new: ShapeColumn };
  readonly changes: readonly ResolvedChange[];
}

/** A change with what it leaves unsaid. */
export interface ResolvedChange {
  readonly from: ColumnFacts | undefined;
  readonly to: ShapeColumn | undefined;
  readonly up: string | undefined;
  readonly down: string | undefined;
  readonly default: string | undefined;
  readonly notNull: boolean;
}

interface ShapeNames {
  /** `"public"."messages"` */
  readonly table: string;
  /** The new table while both stand: its own name, and with its schema. */
  readonly newName: string;
  readonly newTable: string;
  /** What the old one is called once the new one has its name. */
  readonly oldName: string;
  readonly oldTable: string;
  /** Of this change among others. */
  readonly mark: string;
  readonly trigger: string;
  readonly truncateTrigger: string;
  /** Functions, with their schema. */
  readonly upFunction: string;
  readonly downFunction: string;
  readonly differs: string;
}

const longestName = 63;

/** @throws TerminalError that names everything that stands in the way. */
export function resolveShape(config: ReshapeConfig, facts: TableFacts): Shape {
  const obstacles = [
    ...facts.obstacles,
    ...(config.rewrite ? facts.obstaclesOfRewrite : []),
    ...obstaclesOfVersion(config, facts),
  ];
  const keyProblem = facts.uniqueColumns.includes(config.key)
    ? []
    : [`has no unique, not null key ${config.key}`];
  const problems = [
    ...obstacles,
    ...keyProblem,
    ...config.columns.flatMap((change) => problemsOf(change, config, facts)),
  ];
  if (problems.length > 0) {
    throw new TerminalError(
      `${config.table} cannot be given a new shape by this step: ${problems.map((what) => `it ${what}`).join('; ')}`,
    );
  }
  const changes = config.columns.map((change) => resolveChange(change, config, facts));
  const changed = new Map(
    changes.flatMap((change) => (change.from ? [[change.from.name, change] as const] : [])),
  );
  const kept = facts.columns.filter(({ name }) => !changed.has(name));
  const oldShape = facts.columns.map(standingAsItIs);
  const newShape = [...kept.map(standingAsItIs), ...changes.flatMap(({ to }) => (to ? [to] : []))];
  return {
    facts,
    config,
    names: namesOf(config, facts),
    old: oldShape,
    new: newShape,
    kept: kept.filter(({ isGenerated }) => !isGenerated).map(standingAsItIs),
    pairs: changes.flatMap(({ from, to, up, down }) =>
      from && to && up !== undefined && down !== undefined
        ? [{ old: { column: standingAsItIs(from), expression: down }, new: { column: to, expression: up } }]
        : [],
    ),
    onlyNew: changes.flatMap(({ from, to, up }) =>
      !from && to && up !== undefined ? [{ column: to, expression: up }] : [],
    ),
    onlyOld: changes.flatMap(({ from, to, down }) =>
      from && !to && down !== undefined ? [{ column: standingAsItIs(from), expression: down }] : [],
    ),
    key: keyOf(config, facts, changes),
    changes,
  };
}

const viewsOfTheirReader = 150_000;
const looseKeysOfPartitions = 180_000;

/** What only newer servers can do. */
function obstaclesOfVersion({ rewrite, views }: ReshapeConfig, facts: TableFacts): string[] {
  const obstacles: string[] = [];
  if (views && facts.hasRowSecurity && facts.serverVersion < viewsOfTheirReader)
    obstacles.push('has row security, which views pass by before Postgres 15: leave out the views');
  const parted = facts.foreignKeysIn.find(({ onPartitions }) => onPartitions);
  if (rewrite && parted && facts.serverVersion < looseKeysOfPartitions)
    obstacles.push(
      `is pointed at by ${parted.name} of the partitioned table ${parted.schema}.${parted.table}, which cannot be looked through apart before Postgres 18`,
    );
  return obstacles;
}

const standingAsItIs = ({ name, type }: ColumnFacts): ShapeColumn => ({ name, standing: name, type });
/** A trigger that fires before a row is written does not know what the row will generate. */
function unknownYet(
  { up = '', to }: ColumnChange,
  { rewrite }: ReshapeConfig,
  { columns }: TableFacts,
): string | undefined {
  const generated = columns.find(
    ({ name, isGenerated }) => isGenerated && new RegExp(`\\b${name}\\b`).test(up),
  );
  if (rewrite || !generated) return undefined;
  return `generates its column ${generated.name} by itself, which up of ${to ?? 'this column'} cannot read: write out what it is generated from`;
}

function problemsOf(change: ColumnChange, config: ReshapeConfig, facts: TableFacts): string[] {
  const { from, to } = change;
  const column = facts.columns.find(({ name }) => name === from);
  if (from !== undefined && !column) return [`has no column ${from}`];
  const problems: string[] = [];
  const early = unknownYet(change, config, facts);
  if (early !== undefined) problems.push(early);
  if (column?.isGenerated) problems.push(`generates its column ${from} by itself`);
  const isTaken = to !== undefined && to !== from && facts.columns.some(({ name }) => name === to);
  if (isTaken) problems.push(`has a column ${to} already`);
  if (from === config.key && !config.rewrite)
    problems.push(
      `is found by ${from}: the key changes only in a table that is written anew (rewrite: true)`,
    );
  if (from === config.key && to === undefined) problems.push(`needs its key ${from} in both shapes`);
  if (to !== undefined && to === from && !config.rewrite && config.views?.new === undefined)
    problems.push(
      `would have two columns ${to}: call the new one otherwise, or give views.new a schema where it has that name`,
    );
  return problems;
}

function resolveChange(change: ColumnChange, { rewrite }: ReshapeConfig, facts: TableFacts): ResolvedChange {
  const from = facts.columns.find(({ name }) => name === change.from);
  const name = change.to;
  const type = change.type ?? from?.type ?? 'text';
  const collation = type === from?.type ? (from.collation ?? undefined) : undefined;
  const standing =
    name === undefined ? '' : name === change.from && !rewrite ? withSuffix(name, '_crossfade_new') : name;
  return {
    from,
    to:
      name === undefined
        ? undefined
        : { name, standing, type, ...(collation !== undefined && { collation }) },
    up: change.up ?? (from && quoteIdentifier(from.name)),
    down: change.down ?? (name === undefined ? undefined : quoteIdentifier(name)),
    default: change.default,
    notNull: change.not_null ?? from?.notNull ?? false,
  };
}

function keyOf(config: ReshapeConfig, facts: TableFacts, changes: readonly ResolvedChange[]): Shape['key'] {
  const column = facts.columns.find(({ name }) => name === config.key);
  if (!column) throw new TerminalError(`${config.table} has no column ${config.key}`);
  const change = changes.find(({ from }) => from?.name === config.key);
  return { old: standingAsItIs(column), new: change?.to ?? standingAsItIs(column) };
}

/** Derived from the table and what is done to it, so that a successor finds what its predecessor made. */
function namesOf(config: ReshapeConfig, { schema, name }: TableFacts): ShapeNames {
  const mark = createHash('sha256')
    .update(`${schema}.${name} ${canonicalJson(config.columns)}`)
    .digest('hex')
    .slice(0, 8);
  const within = (own: string): string => `${quoteIdentifier(schema)}.${quoteIdentifier(own)}`;
  const newName = withSuffix(name, '_crossfade_new');
  const oldName = withSuffix(name, '_crossfade_old');
  return {
    table: within(name),
    newName,
    newTable: within(newName),
    oldName,
    oldTable: within(oldName),
    mark,
    // Triggers fire in the order of their names: what others have changed of a row is seen.
    trigger: `zz_crossfade_${mark}`,
    truncateTrigger: `zz_crossfade_${mark}_truncate`,
    upFunction: within(`crossfade_${mark}_up`),
    downFunction: within(`crossfade_${mark}_down`),
    differs: within(`crossfade_${mark}_differs`),
  };
}

/** Postgres cuts names off at 63 bytes: the suffix must not be what is lost. */
export function withSuffix(name: string, suffix: string): string {
  const bytes = Buffer.from(name).subarray(0, longestName - suffix.length);
  return bytes.toString('utf8').replace(/\uFFFD+$/u, '') + suffix;
}
