import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { text } from 'node:stream/consumers';
import pg from 'pg';
import { expect, onTestFinished, test } from 'vitest';
import { installSchema } from './install-schema.ts';
import { run as runSample } from './sample-command.ts';
import { run as runImport } from './import-command.ts';
import { connectToFreshDatabase, expectSoundNumbers } from './testing/stored-content.ts';
import { talkativeExport, writeZip } from './testing/slack-fixture.ts';

/** Starts a command as `main.ts` does, in a process of its own. */
function start(command: 'import' | 'sample', url: string, argv: string[]) {
  const script = `import(${JSON.stringify(new URL(`./${command}-command.ts`, import.meta.url).href)})
    .then((command) => command.run(${JSON.stringify(argv)}))`;
  const env = { ...process.env, DATABASE_URL: url };
  return spawn(process.execPath, ['-e', script], { env, stdio: ['ignore', 'pipe', 'pipe'] });
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

test('a sample whose process was killed in the middle is completed by the next run', async () => {
  const { client, url } = await connectToFreshDatabase();
  const argv = ['--messages', '30000', '--people', '50'];
  const child = start('sample', url, argv);
  const ended = once(child, 'exit');
  for await (const line of child.stderr) if (String(line).includes('messages so far')) break;
  child.kill('SIGKILL');
  await ended;
  const counted = await client.query<{ count: number }>('SELECT count(*)::int FROM public.messages');
  const before = counted.rows[0]?.count ?? 0;
  expect(before).toBeGreaterThan(0);
  expect(before).toBeLessThan(30_000);

  const again = start('sample', url, argv);
  const summary: unknown = JSON.parse(await text(again.stdout));
  expect(summary).toMatchObject({ messages: 30_000 });
  const after = await client.query<{ count: number }>('SELECT count(*)::int FROM public.messages');
  expect(after.rows[0]?.count).toBe(30_000);
  await expectSoundNumbers(client);
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
