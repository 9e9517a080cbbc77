import { parseArgs } from 'node:util';
import { runContentCommand } from './run-content-command.ts';
import { importSlackExport } from './slack/import-slack-export.ts';

const USAGE = 'usage: import FILE.zip (an export of a Slack workspace)';

/** `import FILE.zip`: brings a Slack export into the database of DATABASE_URL. */
export async function run(argv: string[]): Promise<void> {
  const { positionals } = parseArgs({ args: argv, allowPositionals: true, options: {} });
  const [file, ...rest] = positionals;
  if (file === undefined || rest.length > 0) throw new Error(`expected one file; ${USAGE}`);
  await runContentCommand('import', async (tools) => await importSlackExport({ file, ...tools }));
}
