import { TerminalError, type TargetConnection } from '@crossfade/engine';
import type { Segment } from '@crossfade/plan';
import { parseQuery } from '../sql/lint-expression.ts';
import { inTransaction } from '../target/in-transaction.ts';
import { isPermanent, messageOf } from '../target/sql-state.ts';
import { formatCount } from '../text.ts';

const limits = { lockTimeoutMs: 5_000, statementTimeoutMs: 60_000, readOnly: true };
/** They are held in memory on their way. */
const mostPeople = 1_000_000;
const targetingKey = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The query was not run: it might have hurt the people who use the database. It may be cheap enough another time. */
export class TooCostlyError extends Error {
  override readonly name = 'TooCostlyError';
}

export interface FoundMembers {
  readonly keys: ReadonlySet<string>;
  /** What Postgres expected, in the units of EXPLAIN. */
  readonly cost: number;
}

/**
 * The targeting keys of those whom a segment's SQL finds now, in lower case. Reads only, and only what Postgres itself expects to
 * be cheap enough.
 * @throws {TooCostlyError} when it expects more than `maxCost`.
 * @throws {TerminalError} for SQL that cannot be run, or returns anything but one column of UUIDs: a key that no client can have
 *   is a fault of the plan.
 */
export async function findMembers(
  connection: TargetConnection,
  id: string,
  { sql, maxCost }: Pick<Segment, 'sql' | 'maxCost'>,
): Promise<FoundMembers> {
  const query = parseQuery(sql);
  if (!query.ok) throw new TerminalError(`segment ${id}: its SQL is wrong: ${query.problem}`);
  try {
    return await inTransaction(connection, limits, async () => {
      const cost = await expectedCost(connection, query.text);
      if (cost > maxCost) throw tooCostly(id, cost, maxCost);
      return { keys: await readKeys(connection, id, query.text), cost };
    });
  } catch (error) {
    if (!isPermanent(error)) throw error;
    throw new TerminalError(`segment ${id}: ${messageOf(error)}`, { cause: error });
  }
}

/** By the planner, in units of about one page read in order. */
async function expectedCost(connection: TargetConnection, sql: string): Promise<number> {
  const { rows } = await connection.query<Record<string, unknown>>(`explain (format json) ${sql}`);
  const [plan] = (rows[0]?.['QUERY PLAN'] ?? []) as readonly { Plan?: { 'Total Cost'?: unknown } }[];
  const cost = plan?.Plan?.['Total Cost'];
  if (typeof cost === 'number') return cost;
  throw new Error(`expected a plan with its cost, found ${JSON.stringify(rows).slice(0, 200)}`);
}

function tooCostly(id: string, cost: number, maxCost: number): TooCostlyError {
  return new TooCostlyError(
    `segment ${id}: Postgres expects its SQL to cost ${formatCount(Math.round(cost))}, ` +
      `more than its max_cost of ${formatCount(maxCost)}: it was not run`,
  );
}

async function readKeys(connection: TargetConnection, id: string, sql: string): Promise<ReadonlySet<string>> {
  const bounded = `select * from (\n${sql}\n) as people limit ${mostPeople + 1}`;
  const { rows } = await connection.query<Record<string, unknown>>(bounded);
  if (rows.length > mostPeople) {
    throw new TerminalError(
      `segment ${id}: more than ${formatCount(mostPeople)} people: leave its segment out to mean everybody`,
    );
  }
  return new Set(rows.map((row) => readKey(row, id)));
}

function readKey(row: Record<string, unknown>, segment: string): string {
  const [value, ...more] = Object.values(row);
  if (more.length > 0) {
    const names = Object.keys(row).join(', ');
    throw new TerminalError(
      `segment ${segment}: its SQL returns the columns ${names}: expected one of user ids`,
    );
  }
  if (typeof value !== 'string' || !targetingKey.test(value)) {
    throw new TerminalError(
      `segment ${segment}: its SQL returns ${JSON.stringify(value)}: expected a user id (UUID)`,
    );
  }
  return value.toLowerCase();
}
