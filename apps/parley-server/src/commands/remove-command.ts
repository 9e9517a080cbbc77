import { parseArgs } from 'node:util';
import { plainLine } from '../plain-line.ts';
import { removePerson } from '../queries/remove-person.ts';
import { connectClient } from './connect-client.ts';
import { databaseUrl } from './database-url.ts';

/** Longer than a transaction may take: an import may hold the person's row for as long. */
const ANSWER_TIMEOUT_MS = 130_000;

/** Somebody has left: they are out at once, and what they wrote stays, by a former member. */
export async function run(argv: string[]): Promise<void> {
  const { positionals } = parseArgs({ args: argv, allowPositionals: true });
  const [who = '', ...others] = positionals;
  if (who === '' || others.length > 0)
    throw new Error(`remove ${plainLine(positionals.join(' '), 60)}: expected one email address or id`);
  const { client, end } = await connectClient({
    connectionString: databaseUrl(),
    applicationName: 'parley remove',
    answerTimeoutMs: ANSWER_TIMEOUT_MS,
  });
  try {
    const removed = await removePerson(client, who);
    if (removed === undefined)
      throw new Error(`remove ${plainLine(who, 60)}: there is nobody of this address or id`);
    process.stdout.write(`${JSON.stringify({ removed })}\n`);
  } finally {
    await end();
  }
}
