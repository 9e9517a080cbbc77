import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { installSchema } from './install-schema.ts';
import { run as runSample } from './sample-command.ts';
import { run as runImport } from './import-command.ts';
import { connectToFreshDatabase, expectSoundNumbers } from './testing/stored-content.ts';
import { talkativeExport, writeZip } from './testing/slack-fixture.ts';

/** Starts a command as `main.ts` does, in a process of its own, with a channel to this one. `first` runs before it. */
function start(command: 'import' | 'sample', url: string, argv: string[], first = '') {
  const script = `${first} import(${JSON.stringify(new URL(`./${command}-command.ts`, import.meta.url).href)})
    .then((command) => command.run(${JSON.stringify(argv)}))`;
  const env = { ...process.env, DATABASE_URL: url };
  const child = spawn(process.execPath, ['-e', script], { env, stdio: ['ignore', 'pipe', 'pipe', 'ipc'] });
  const { stdout, stderr } = child;
  if (stdout === null || stderr === null) throw new Error('expected two pipes to read from');
  return Object.assign(child, { stdout, stderr });
}

test('import prints one line of JSON on stdout', async () => {
  const { url } = await connectToFreshDatabase();
  const { file, remove } = await writeZip(talkativeExport(20));
  onTestFinished(remove);
  const child = start('import', url, [file]);
  const [out, progress] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(out.trimEnd().split('\n')).toHaveLength(1);
  expect(JSON.parse(out)).toMatchObject({ messages: 20, inserted: 20, people: 2, conversations: 1 });
  expect(progress).toContain('general: 20 messages, 20 new');
});

describe('a process that was killed in the middle', { timeout: 120_000 }, () => {
  const MESSAGES = 20_000;

  async function messagesIn(client: pg.Client): Promise<{ stored: number; names: number }> {
    const { rows } = await client.query<{ stored: number; names: number }>(
      'SELECT count(*)::int AS stored, count(DISTINCT external_id)::int AS names FROM public.messages',
    );
    return rows[0] ?? { stored: 0, names: 0 };
  }

  test.each(['sample', 'import'] as const)('has its %s completed by the next run', async (command) => {
    const { client, url } = await connectToFreshDatabase();
    const { file, remove } = await writeZip(talkativeExport(MESSAGES, 1_000));
    onTestFinished(remove);
    const argv = { sample: ['--messages', String(MESSAGES), '--people', '50'], import: [file] }[command];
    const child = start(command, url, argv);
    const ended = once(child, 'exit');
    for await (const line of child.stderr) if (String(line).includes('messages so far')) break;
    child.kill('SIGKILL');
    await ended;
    const before = (await messagesIn(client)).stored;
    expect(before).toBeGreaterThan(0);
    expect(before).toBeLessThan(MESSAGES);

    const again = start(command, url, argv);
    const summary: unknown = JSON.parse(await text(again.stdout));
    // What the killed one had under way may have been committed after we counted.
    const newly: unknown = expect.toSatisfy((inserted: unknown) => Number(inserted) <= MESSAGES - before);
    expect(summary).toMatchObject({ messages: MESSAGES, inserted: newly });
    expect(await messagesIn(client)).toEqual({ stored: MESSAGES, names: MESSAGES });
    await expectSoundNumbers(client);
  });
});

describe('a process that is to stop', { timeout: 120_000 }, () => {
  test('does so between two batches when whoever started it goes away', async () => {
    const { url } = await connectToFreshDatabase();
    const { file, remove } = await writeZip(talkativeExport(20_000, 1_000));
    onTestFinished(remove);
    const child = start('import', url, [file]);
    const ended = once(child, 'exit');
    let said = '';
    for await (const line of child.stderr) {
      said += String(line);
      if (said.includes('messages so far') && child.connected) child.disconnect();
    }
    expect(await ended).toEqual([1, null]);
    expect(said).toContain('stopped; run it again to complete it');
  });

  test('gives up a batch that waits for somebody else, within its five seconds', async () => {
    const { client, url } = await connectToFreshDatabase();
    const { file, remove } = await writeZip(talkativeExport(20));
    onTestFinished(remove);
    await installSchema(client);
    const holder = new pg.Client({ connectionString: url });
    await holder.connect();
    await holder.query('BEGIN; LOCK TABLE public.messages IN SHARE MODE');
    const child = start('import', url, [file]);
    const ended = once(child, 'exit');
    const said = text(child.stderr);
    const waiting =
      "SELECT 1 FROM pg_stat_activity WHERE wait_event_type = 'Lock' AND datname = current_database()";
    await vi.waitFor(async () => expect((await client.query(waiting)).rowCount).toBe(1), { timeout: 60_000 });
    child.kill('SIGTERM');
    expect(await ended).toEqual([1, null]);
    expect(await said).toContain('stopped; run it again to complete it');
    // By its own clock; the lock would be waited for two minutes.
    const gaveUpAfterMs = Number(/gave up what it waited for, (\d+) ms after/.exec(await said)?.[1]);
    expect(gaveUpAfterMs).toBeLessThan(5_000);
    await holder.end();
  });

  test('does so between two batches when it hears of one Ctrl-C twice, from the terminal and from npm', async () => {
    const { url } = await connectToFreshDatabase();
    const { file, remove } = await writeZip(talkativeExport(20_000, 1_000));
    onTestFinished(remove);
    const twice = "process.once('SIGINT', () => setTimeout(() => process.kill(process.pid, 'SIGINT'), 20));";
    const child = start('import', url, [file], twice);
    const ended = once(child, 'exit');
    let said = '';
    for await (const line of child.stderr) {
      if (said === '') child.kill('SIGINT');
      said += String(line);
    }
    expect(await ended).toEqual([1, null]);
    expect(said).toContain('stopped; run it again to complete it');
  });
});

test('arguments that make no sense are refused by name', async () => {
  await expect(runSample(['--messages', 'many'])).rejects.toThrow(
    '--messages is "many"; expected a whole number',
  );
  await expect(runSample(['--people', '1'])).rejects.toThrow(
    '--people is "1"; expected a whole number from 2',
  );
  await expect(runImport([])).rejects.toThrow('expected one file');
});

test('content comes in while somebody holds Parley’s tables', async () => {
  const { client, url } = await connectToFreshDatabase();
  await installSchema(client);
  // As a long transaction of the live application does: to install again would mean to wait for its end.
  await client.query('BEGIN');
  await client.query('LOCK TABLE public.health, public.conversations IN ROW EXCLUSIVE MODE');
  const child = start('sample', url, ['--messages', '50', '--people', '5']);
  const [out] = await Promise.all([text(child.stdout), text(child.stderr)]);
  expect(JSON.parse(out)).toMatchObject({ inserted: 50 });
  await client.query('ROLLBACK');
});

test('tables are installed once by who install them at the same moment', async () => {
  const { client, url } = await connectToFreshDatabase();
  const [again, third] = [0, 1].map(() => new pg.Client({ connectionString: url }));
  await Promise.all([again?.connect(), third?.connect()]);
  await Promise.all([client, again, third].map(async (each) => each && (await installSchema(each))));
  await Promise.all([again?.end(), third?.end()]);
  const { rows } = await client.query('SELECT 1 FROM parley.installation');
  expect(rows).toHaveLength(1);
});
