import { settle, type BenchDatabase } from './bench-database.ts';
import type { Case } from './case.ts';
import { feltWhile, type Felt, type Load } from './felt-while.ts';
import { round } from './round.ts';
import { tableRow } from './table-row.ts';

export type Figures = Record<string, number | boolean>;

const lockTimeoutMs = 100;
const targets = { longestMs: lockTimeoutMs + 50, stalledPercent: 0.5 };

/** A case in both ways, one after the other, each from a table that is at rest. */
export async function compare(
  database: BenchDatabase,
  load: Load,
  { name, holds, naively, ours, clean, check }: Case,
): Promise<Figures> {
  const { sql, url } = database;
  const run = async (statements: readonly string[]): Promise<{ readonly attempts: number }> => {
    for (const statement of statements) await sql.query(statement);
    return { attempts: 1 };
  };
  await settle(sql);
  const naive = await feltWhile(load, holds, async () => await run(naively));
  process.stderr.write(tableRow(`${name}, naively`, naive));
  await run(clean);
  await settle(sql);
  const own = await feltWhile(load, holds, async () => await ours(url));
  process.stderr.write(tableRow(`${name}, by Crossfade`, own));
  const isRight = (await check?.(database)) ?? true;
  await run(clean);
  return {
    ...prefixed(`${name}Naive`, naive),
    ...prefixed(name, own),
    [`${name}TimesShorterWait`]: round(naive.longestMs / own.longestMs),
    ...(check ? { [`${name}IsRight`]: isRight } : {}),
    [`${name}Reached`]: isReached(own) && isRight,
  };
}

const isReached = ({ failed, longestMs, stalledPercent }: Felt): boolean =>
  failed === 0 && longestMs <= targets.longestMs && stalledPercent < targets.stalledPercent;

export function prefixed(prefix: string, figures: Felt): Figures {
  return Object.fromEntries(
    Object.entries(figures).map(([key, value]) => [
      `${prefix}${key.charAt(0).toUpperCase()}${key.slice(1)}`,
      Number(value),
    ]),
  );
}
