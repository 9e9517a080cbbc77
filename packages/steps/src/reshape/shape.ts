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
}

/** A column of one shape, computed from a row of the other. */
export interface Computed {
  readonly column: ShapeColumn;
  readonly expression: string;
  /** The other shape has nothing of the kind: it is computed for a new row, and then left to those who know it. */
  readonly once?: boolean;
}

/** Both shapes of a table, and the way from each to the other. */
export interface Shape {
  readonly facts: TableFacts;
  readonly config: ReshapeConfig;
  readonly names: ShapeNames;
  readonly old: readonly ShapeColumn[];
  readonly new: readonly ShapeColumn[];
  /** Columns of the new shape that a row of the old one decides. */
  readonly up: readonly Computed[];
  /** Columns of the old shape that a row of the new one decides. */
  readonly down: readonly Computed[];
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

export interface ShapeNames {
  /** `"public"."messages"` */
  readonly table: string;
  /** The new table while both stand: its own name, and with its schema. */
  readonly newName: string;
  readonly newTable: string;
  /** What the old one is called once the new one has its name. */
  readonly oldName: string;
  readonly oldTable: string;
  readonly trigger: string;
  /** Functions, with their schema. */
  readonly upFunction: string;
  readonly downFunction: string;
  readonly differs: string;
}

const longestName = 63;

/** @throws TerminalError that names everything that stands in the way. */
export function resolveShape(config: ReshapeConfig, facts: TableFacts): Shape {
  const obstacles = [...facts.obstacles, ...(config.rewrite ? facts.obstaclesOfRewrite : [])];
  const problems = [...obstacles, ...config.columns.flatMap((change) => problemsOf(change, config, facts))];
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
  const same = kept.filter(({ isGenerated }) => !isGenerated).map(sameInBoth);
  return {
    facts,
    config,
    names: namesOf(config, facts),
    old: oldShape,
    new: newShape,
    up: [
      ...same,
      ...changes.flatMap(({ from, to, up }) =>
        to && up !== undefined ? [{ column: to, expression: up, once: !from }] : [],
      ),
    ],
    down: [
      ...same,
      ...changes.flatMap(({ from, to, down }) =>
        from && down !== undefined ? [{ column: standingAsItIs(from), expression: down, once: !to }] : [],
      ),
    ],
    key: keyOf(config, facts, changes),
    changes,
  };
}

const standingAsItIs = ({ name, type }: ColumnFacts): ShapeColumn => ({ name, standing: name, type });
const sameInBoth = (column: ColumnFacts): Computed => ({
  column: standingAsItIs(column),
  expression: quoteIdentifier(column.name),
});

function problemsOf({ from, to }: ColumnChange, config: ReshapeConfig, facts: TableFacts): string[] {
  const column = facts.columns.find(({ name }) => name === from);
  if (from !== undefined && !column) return [`has no column ${from}`];
  const problems: string[] = [];
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
  const standing =
    name === undefined ? '' : name === change.from && !rewrite ? withSuffix(name, '_crossfade_new') : name;
  return {
    from,
    to: name === undefined ? undefined : { name, standing, type },
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
    // Triggers fire in the order of their names: what others have changed of a row is seen.
    trigger: `zz_crossfade_${mark}`,
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
