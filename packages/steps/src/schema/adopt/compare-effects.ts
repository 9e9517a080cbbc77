import type { TargetConnection } from '@crossfade/engine';
import { theRow } from '../../sql/the-row.ts';
import type { Statement } from '../../sql/parse-statements.ts';
import { isComparable } from './comparable.ts';
import { definitionsIn, definitionsOf, type Definitions } from './definitions.ts';
import { findMade } from './find-made.ts';
import { describeObject, madeByEach, type MadeObject } from './made-objects.ts';
import { tryOut, type TriedOut } from './try-out.ts';

export type Effect =
  /** All that the statement does is there, as it would do it. */
  | { readonly verdict: 'there'; readonly what: string }
  /** It is to be done. `differences`: what is not so yet, where something was compared. */
  | { readonly verdict: 'absent'; readonly differences: readonly string[] }
  /** What it would make has a name that something else bears. */
  | { readonly verdict: 'differs'; readonly differences: readonly string[] }
  /** Names that it would make are there, and whether they are the same cannot be told. */
  | { readonly verdict: 'unknown'; readonly names: string; readonly why: string };

const absent: Effect = { verdict: 'absent', differences: [] };

interface Asked {
  /** What later steps do to the same: tables may be as they leave them. */
  later(): Promise<readonly Statement[]>;
  /** What was done before by the same statements: other parts that a table has got since do not count. */
  readonly doneBefore: boolean;
}

/**
 * For each statement, whether its effect is there already. Where something bears a name that is to be made, the statements are
 * carried out on empty copies, and what comes of it is compared with what is there. To be called in a transaction that is
 * rolled back.
 */
export async function compareEffects(
  connection: TargetConnection,
  statements: readonly Statement[],
  asked: Asked,
): Promise<readonly Effect[]> {
  const made = madeByEach(statements);
  const there = await findMade(connection, made.flat());
  const found = new Set(made.flat().filter((_, index) => there[index]));
  const isAllNew = found.size === 0 && !(asked.doneBefore && made.flat().length === 0);
  if (isAllNew || !statements.some(isComparable)) return statements.map(() => absent);
  const why = await mayNotTry(connection);
  const tried = why === null ? await tryOut(connection, statements, await asked.later()) : [];
  const real = await readReal(connection, tried, statements);
  return statements.map((statement, index) => {
    const one = tried[index];
    const makes = made[index] ?? [];
    // Nothing of it is there.
    if (makes.length > 0 && !makes.some((object) => found.has(object))) return absent;
    if (why !== null && isComparable(statement)) return unknown(makes, why);
    // To be told nothing of.
    if (!one) return absent;
    return judge({ statement, makes, one, from: tried.slice(index), all: tried, real, asked });
  });
}

/** Copies lie in schemas of their own. */
async function mayNotTry(connection: TargetConnection): Promise<string | null> {
  const { rows } = await connection.query<{ role: string; database: string; may: boolean }>(
    `select quote_ident(current_user) as role, quote_ident(current_database()) as database,
            has_database_privilege(current_database(), 'CREATE') as may`,
  );
  const { role, database, may } = theRow(rows);
  if (may) return null;
  return `role ${role} may not make a schema to try it out in: grant create on database ${database} to ${role}`;
}

function unknown(makes: readonly MadeObject[], why: string): Effect {
  return makes.length === 0 ? absent : { verdict: 'unknown', names: namesOf(makes), why };
}

function namesOf(makes: readonly MadeObject[]): string {
  return makes.map(describeObject).join(', ');
}

interface Evidence {
  readonly statement: Statement;
  readonly makes: readonly MadeObject[];
  readonly one: TriedOut;
  /** This statement and those after it, also of later steps: they may change what it made, or take it away. */
  readonly from: readonly (TriedOut | undefined)[];
  readonly all: readonly (TriedOut | undefined)[];
  readonly real: Definitions;
  readonly asked: Asked;
}

function judge(evidence: Evidence): Effect {
  const { statement, makes, one, real } = evidence;
  const differences = differencesIn(evidence);
  if (makes.length === 0) {
    // Nothing has changed where all was so before: that is not ours to take back either.
    const isThere = one.error === null && differences.length === 0;
    if (isThere) return { verdict: 'there', what: `what line ${statement.line} does` };
    return one.error === null ? { verdict: 'absent', differences } : absent;
  }
  // Left by a build that was cut off: whoever builds it looks after that.
  const isInvalid =
    makes.some(({ kind }) => kind === 'index') &&
    [...one.changed].some((name) => / (invalid|not ready)/.test(real.get(name) ?? ''));
  if (isConcurrent(statement) && isInvalid) return { verdict: 'absent', differences };
  if (one.error !== null) return unknown(makes, one.error);
  if (differences.length > 0) return { verdict: 'differs', differences };
  return { verdict: 'there', what: namesOf(makes) };
}

function differencesIn({ statement, one, from, all, real, asked }: Evidence): readonly string[] {
  const unlike = one.changed.flatMap((name) => {
    const is = real.get(name);
    const wanted = from.flatMap((later) => later?.after.get(name) ?? []);
    if (is === undefined) {
      const isTakenAway = from.some((later) => later?.after.has(name) === false);
      return isTakenAway ? [] : [`${name} is not there, or is something else`];
    }
    return wanted.includes(is) ? [] : [`${name} is ${shown(is)}, expected ${shown(wanted[0] ?? '')}`];
  });
  if (asked.doneBefore || !('CreateStmt' in statement.node)) return unlike;
  const known = new Set(all.flatMap((other) => other?.changed ?? []));
  const parts = one.changed
    .filter((name) => name.startsWith('relation '))
    .map((name) => name.slice('relation '.length));
  const besides = [...real.keys()].filter(
    (name) =>
      /^(column|constraint) /.test(name) && parts.some((table) => isPartOf(name, table)) && !known.has(name),
  );
  return [...unlike, ...besides.map((name) => `${name} is there besides`)];
}

/** `column public.notes.text` of `public.notes` */
function isPartOf(name: string, table: string): boolean {
  return name.slice(name.indexOf(' ') + 1).startsWith(`${table}.`);
}

/** On one line, as all that is said of a finding. */
function shown(definition: string): string {
  return definition === '' ? 'there' : `"${definition.trim().replaceAll(/\s+/g, ' ')}"`;
}

function isConcurrent({ node }: Statement): boolean {
  return 'IndexStmt' in node && node.IndexStmt.concurrent === true;
}

/** What is there of all that the statements change, and all parts of the tables that they create. */
async function readReal(
  connection: TargetConnection,
  tried: readonly (TriedOut | undefined)[],
  statements: readonly Statement[],
): Promise<Definitions> {
  const changed = tried.flatMap((one) => one?.changed ?? []);
  const tables = tried.flatMap((one, index) => {
    const creates = 'CreateStmt' in (statements[index]?.node ?? {});
    return (one && creates ? one.changed : []).filter((name) => name.startsWith('relation '));
  });
  const places = tables.map((name) => name.slice('relation '.length));
  return new Map([
    ...(await definitionsOf(connection, [...new Set(changed)])),
    ...(await definitionsIn(connection, places)),
  ]);
}
