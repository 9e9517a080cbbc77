import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { databaseTests } from './database-tests.ts';
import { startOlderServer } from './older-server.ts';

const usage = `Runs the tests that touch a database once more on other ground:
  node tools/run-against.ts pooler     through PgBouncer in transaction mode
  node tools/run-against.ts older      on the server of DATABASE_URL, or on the machine's oldest Postgres
What follows is passed on to the test runner, and files there replace ours; --all leaves none of ours out.
`;

const root = join(import.meta.dirname, '..');
const [ground, ...rest] = process.argv.slice(2);
const given = rest.filter((argument) => argument !== '--all');

async function main(): Promise<number> {
  if (ground === 'pooler')
    return await runTests('through PgBouncer in transaction mode', { CROSSFADE_TEST_POOLER: 'transaction' });
  if (ground === 'older') return await onOlderServer();
  process.stderr.write(usage);
  return 2;
}

async function onOlderServer(): Promise<number> {
  const url = process.env['DATABASE_URL']?.trim();
  if (url) return await runTests('on the server of DATABASE_URL', { DATABASE_URL: url });
  const server = await startOlderServer();
  try {
    return await runTests(`on ${server.version}`, { DATABASE_URL: server.url });
  } finally {
    await server.stop();
  }
}

async function runTests(where: string, environment: NodeJS.ProcessEnv): Promise<number> {
  const vitest = join(root, 'node_modules', 'vitest', 'vitest.mjs');
  const files = given.some((argument) => !argument.startsWith('-')) ? [] : chooseTests(where);
  const child = spawn(process.execPath, [vitest, 'run', ...files, ...given], {
    cwd: root,
    env: { ...process.env, ...environment },
    stdio: 'inherit',
  });
  // Ctrl+C reaches the runner too; we stay until it has ended, to end what we started.
  for (const signal of ['SIGINT', 'SIGTERM'] as const) process.on(signal, () => child.kill(signal));
  return await new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', (code) => resolve(code ?? 1));
  });
}

/** Says which tests are run and which are not: none is left out in silence. */
function chooseTests(where: string): readonly string[] {
  const { all, chosen, leftOut } = databaseTests();
  if (rest.includes('--all')) {
    process.stdout.write(`All ${all.length} test files that touch a database, ${where}.\n`);
    return all;
  }
  const reasons = leftOut.map(
    ({ why, files }) => `  ${why}:\n${files.map((file) => `    ${file}\n`).join('')}`,
  );
  process.stdout.write(
    `${chosen.length} of ${all.length} test files that touch a database, ${where}. Left out (--all runs them too):\n` +
      reasons.join(''),
  );
  return chosen;
}

process.exitCode = await main();
