import { parseArgs } from 'node:util';
import { openDatabase } from '../database.ts';
import { silentLog } from '../log.ts';
import { plainLine } from '../plain-line.ts';
import { removePerson } from '../queries/remove-person.ts';
import { databaseUrl } from './database-url.ts';

/** Somebody has left: they are out at once, and what they wrote stays, by a former member. */
export async function run(argv: string[]): Promise<void> {
  const { positionals } = parseArgs({ args: argv, allowPositionals: true });
  const [who = '', ...others] = positionals;
  if (who === '' || others.length > 0)
    throw new Error(`remove ${plainLine(positionals.join(' '), 60)}: expected one email address or id`);
  const database = openDatabase({ connectionString: databaseUrl(), log: silentLog, maxConnections: 1 });
  try {
    const removed = await removePerson(database, who);
    if (removed === undefined)
      throw new Error(`remove ${plainLine(who, 60)}: there is nobody of this address or id`);
    process.stdout.write(`${JSON.stringify({ removed })}\n`);
  } finally {
    await database.close();
  }
}
