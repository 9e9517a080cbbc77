import { existsSync } from 'node:fs';
import { embeddedFolder } from '../database.ts';
import { urlProblem } from './url-problem.ts';
import { answers, databaseCheck } from './database-checks.ts';
import { perform, type Check, type Finding } from './finding.ts';
import { machineChecks } from './machine-checks.ts';
import { runChecks } from './run-checks.ts';
import { readSession } from '../session.ts';

/** Three rounds, one after the other at worst: together under ten seconds. */
const limitMs = { machine: 4_000, database: 4_000, run: 4_500 };

/**
 * Looks at the machine, the database (`given`, else DATABASE_URL, else that of the demonstration that runs here) and the newest
 * run in it. Starts and changes nothing, and ends within ten seconds.
 */
export async function examine(given: string | undefined, apps: readonly string[]): Promise<Finding[]> {
  const own = (given ?? process.env['DATABASE_URL'])?.trim() ?? '';
  const machine = performAll(machineChecks(own !== ''), limitMs.machine);
  const session = readSession();
  const url = own === '' ? session?.databaseUrl : own;
  if (url === undefined) return [...(await machine), existsSync(embeddedFolder) ? atRest : noDatabase];
  const unusable = own === '' ? undefined : urlProblem(own, given === undefined);
  if (unusable) return [...(await machine), unusable];
  const known = session?.databaseUrl === url ? session.applicationUrls : [];
  const database = await performAll([databaseCheck(url)], limitMs.database);
  const run = answers(database)
    ? await performAll(runChecks(url, apps.length > 0 ? apps : known), limitMs.run)
    : [];
  return [...(await machine), ...database, ...run];
}

async function performAll(checks: readonly Check[], limit: number): Promise<Finding[]> {
  return (await Promise.all(checks.map((check) => perform(check, limit)))).flat();
}

const atRest: Finding = {
  area: 'database',
  level: 'note',
  topic: 'database',
  what: 'the embedded database of an earlier "npm start" is at rest',
  todo: 'crossfade status starts it for as long as it looks',
};

const noDatabase: Finding = {
  area: 'database',
  level: 'note',
  topic: 'database',
  what: 'no database is known: DATABASE_URL is not set, and no demonstration runs here',
  todo: 'to look at one: crossfade doctor --database postgres://…',
};
