import type { Bench } from '../bench.ts';
import { withDatabase } from './bench-database.ts';
import { compare, prefixed, type Figures } from './compare.ts';
import { feltWhile, type Load } from './felt-while.ts';
import { indexSpeed } from './index-speed.ts';
import { rewriteCase } from './rewrite-case.ts';
import { schemaCases } from './schema-cases.ts';
import { tableHead, tableRow } from './table-row.ts';

const perSecond = 300;

/**
 * What people feel of a change of a table that they use: each change naively and by a step of Crossfade, one after the other in
 * one run, after a window in which nothing was changed. And how fast an index is built, beside the plain statement.
 */
export const schemaBench: Bench = async ({ rows = 1_000_000, seconds = 60 }) =>
  await withDatabase(rows, async (database) => {
    const figures: Figures = { rows, windowSeconds: seconds, queriesPerSecond: perSecond };
    Object.assign(figures, await indexSpeed(database));
    const load = { url: database.url, rows, windowMs: seconds * 1_000, perSecond };
    process.stderr.write(tableHead);
    Object.assign(figures, await quiet(load));
    // The rewrite comes last: it leaves the table as its step does.
    for (const one of [...schemaCases, rewriteCase])
      Object.assign(figures, await compare(database, load, one));
    return { ...figures, allReached: Object.entries(figures).every(isReached) };
  });

/** What the machine does by itself. */
async function quiet(load: Load): Promise<Figures> {
  const felt = await feltWhile(load, 'has read', async () => await Promise.resolve({ attempts: 0 }));
  process.stderr.write(tableRow('nothing', felt));
  return prefixed('quiet', felt);
}

const isReached = ([name, value]: readonly [string, unknown]): boolean =>
  !name.endsWith('Reached') || value === true;
