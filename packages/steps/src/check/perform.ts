import {
  TerminalError,
  type EffectCall,
  type JsonObject,
  type PerformContext,
  type TargetConnection,
} from '@crossfade/engine';
import { parseQuery } from '../sql/lint-expression.ts';
import { inTransaction } from '../target/in-transaction.ts';
import { isPermanent, messageOf } from '../target/sql-state.ts';
import { withTarget } from '../target/with-target.ts';
import type { CheckConfig } from './config.ts';

type Expectation = CheckConfig['sql'][number];

/** Asks the database every question, each in a read-only transaction of its own. */
export async function performCheck(
  effect: EffectCall<CheckConfig>,
  context: PerformContext,
): Promise<JsonObject> {
  const { config, kind } = effect;
  if (kind !== 'query') throw new TerminalError(`check has no effect ${kind}`);
  const limits = { lockTimeoutMs: 5_000, statementTimeoutMs: config.statement_timeout, readOnly: true };
  return await withTarget(context, async (connection) => {
    const answers: JsonObject[] = [];
    for (const expectation of config.sql) {
      const value = await inTransaction(connection, limits, async () => ask(connection, expectation));
      answers.push({ title: expectation.title, value, expected: expectation.expect });
    }
    return { answers };
  });
}

/** What is answered is journalled. */
const longestAnswer = 1_000;

/** The one value of the one row, as text; null for SQL's NULL. */
async function ask(connection: TargetConnection, { title, query }: Expectation): Promise<string | null> {
  const parsed = parseQuery(query);
  if (!parsed.ok) throw new TerminalError(`"${title}": ${parsed.problem}`);
  try {
    const { rows } = await connection.query<{ columns: number; value: string | null }>(
      `select (select count(*)::int from jsonb_object_keys(to_jsonb(answer))) as columns,
              (select value from jsonb_each_text(to_jsonb(answer)) limit 1) as value
         from (\n${parsed.text}\n) as answer limit 2`,
    );
    const [row] = rows;
    if (!row || rows.length > 1 || row.columns !== 1) {
      const rowText = rows.length === 1 ? '1 row' : rows.length === 0 ? 'no row' : 'several rows';
      throw new TerminalError(
        `"${title}": expected one value, the query returned ${rowText} of ${row?.columns ?? 0} columns`,
      );
    }
    if ((row.value?.length ?? 0) > longestAnswer) {
      throw new TerminalError(`"${title}": expected a value of at most ${longestAnswer} characters`);
    }
    return row.value;
  } catch (error) {
    if (!isPermanent(error)) throw error;
    throw new TerminalError(`"${title}": ${messageOf(error)}`, { cause: error });
  }
}
