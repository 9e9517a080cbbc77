import { TerminalError, type EffectCall, type JsonObject, type PerformContext } from '@crossfade/engine';
import { z } from 'zod';
import { parseQuery } from '../sql/lint-expression.ts';
import { inTransaction } from '../target/in-transaction.ts';
import { isPermanent, messageOf } from '../target/sql-state.ts';
import { withTarget } from '../target/with-target.ts';
import { formatCount } from '../text.ts';
import type { RolloutConfig } from './config.ts';

const limits = { lockTimeoutMs: 5_000, statementTimeoutMs: 60_000, readOnly: true };
/** They are held in memory on their way. */
const mostPeople = 1_000_000;
const targetingKey = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Lets the people of a segment in, as the segment's SQL finds them now. Who was let in before stays in. */
export async function performRollout(
  effect: EffectCall<RolloutConfig>,
  context: PerformContext,
): Promise<JsonObject> {
  if (effect.kind !== 'admit') throw new TerminalError(`rollout has no effect ${effect.kind}`);
  const { segment: id } = z.object({ segment: z.string() }).parse(effect.input);
  const segment = context.segments[id];
  if (!segment) throw new TerminalError(`step ${context.stepId}: the plan has no segment ${id}`);
  const query = parseQuery(segment.sql);
  if (!query.ok) throw new TerminalError(`segment ${id}: its SQL is wrong: ${query.problem}`);
  const bounded = `select * from (\n${query.text}\n) as people limit ${mostPeople + 1}`;
  const rows = await askTarget(context, id, bounded);
  if (rows.length > mostPeople) {
    throw new TerminalError(
      `segment ${id}: more than ${formatCount(mostPeople)} people: leave its segment out to mean everybody`,
    );
  }
  const keys = new Set(rows.map((row) => readKey(row, id)));
  const size = await context.store.addSegmentMembers(id, [...keys], context.token);
  return { segment: id, found: keys.size, size };
}

async function askTarget(
  context: PerformContext,
  segment: string,
  sql: string,
): Promise<readonly Record<string, unknown>[]> {
  try {
    return await withTarget(context, async (connection) =>
      inTransaction(
        connection,
        limits,
        async () => (await connection.query<Record<string, unknown>>(sql)).rows,
      ),
    );
  } catch (error) {
    if (!isPermanent(error)) throw error;
    throw new TerminalError(`segment ${segment}: ${messageOf(error)}`, { cause: error });
  }
}

/** @throws TerminalError for anything but one column of UUIDs: a key that no client can have is a fault of the plan. */
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
