import { randomBytes } from 'node:crypto';
import { open, rename, rm } from 'node:fs/promises';
import { parseArgs } from 'node:util';
import { openDatabase, type Database } from '../database.ts';
import { silentLog } from '../log.ts';
import { hashPassword } from '../passwords.ts';
import { mostActivePeople, setPasswords } from '../queries/invite-people.ts';
import { databaseUrl } from './database-url.ts';

const PASSWORD_BYTES = 18;
/** As many as libuv has threads by default. */
const HASHES_AT_ONCE = 4;

export type InvitedPerson = { id: string; email: string; password: string };

export async function run(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: { count: { type: 'string', default: '120' }, output: { type: 'string' } },
  });
  const count = Number(values.count);
  if (!/^\d+$/.test(values.count) || count < 1 || count > 10_000) {
    throw new Error(`--count ${values.count}: expected a number from 1 to 10000`);
  }
  if (values.output === undefined) throw new Error('--output is missing: expected the file to write');
  const startedAt = performance.now();
  const database = openDatabase({ connectionString: databaseUrl(), log: silentLog, maxConnections: 2 });
  try {
    const people = await invitePeople(database, count, values.output);
    const tookMs = Math.round(performance.now() - startedAt);
    process.stdout.write(`${JSON.stringify({ invited: people.length, output: values.output, tookMs })}\n`);
  } finally {
    await database.close();
  }
}

/**
 * Gives the most active people new passwords, and writes them to `file`; sessions they had end. Fewer than `count`
 * when there are not so many.
 */
async function invitePeople(database: Database, count: number, file: string): Promise<InvitedPerson[]> {
  const people = await mostActivePeople(database, count);
  const invited = people.map(({ id, email }) => ({
    id,
    email: email ?? `${id}@parley.example`,
    password: randomBytes(PASSWORD_BYTES).toString('base64url'),
  }));
  const hashes: string[] = [];
  for (let start = 0; start < invited.length; start += HASHES_AT_ONCE) {
    const batch = invited.slice(start, start + HASHES_AT_ONCE);
    hashes.push(...(await Promise.all(batch.map(async ({ password }) => await hashPassword(password)))));
  }
  // Written first: passwords that nobody can read would only lock people out.
  const temporary = `${file}.${process.pid}.part`;
  try {
    await writePrivately(temporary, `${JSON.stringify({ people: invited }, undefined, 2)}\n`);
    await setPasswords(
      database,
      invited.map(({ id, email }, index) => ({ id, email, hash: hashes[index] ?? '' })),
    );
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
  await rename(temporary, file);
  return invited;
}

/** Readable for its owner only, from its first byte on. */
async function writePrivately(file: string, text: string): Promise<void> {
  const handle = await open(file, 'w', 0o600);
  try {
    await handle.chmod(0o600);
    await handle.writeFile(text);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
