import { existsSync, rmSync } from 'node:fs';
import { openDatabase } from '@crossfade/local-postgres';
import type { Command } from 'commander';
import pc from 'picocolors';
import { databaseName, embeddedFolder } from '../database.ts';
import { Demonstration, type DemoSettings } from '../demo/demonstration.ts';
import { errorText } from '../error-text.ts';
import { exitCodes, Refusal, type ExitCode } from '../exit-codes.ts';
import { onInterruption } from '../interruption.ts';
import type { Output } from '../output.ts';
import { readSession } from '../session.ts';

export const about =
  'The main job of "npm start": Parley under use, migrated from Batch 1 to Batch 2 before your eyes';

interface DemoOptions {
  readonly exit?: boolean;
  readonly import?: string;
  readonly fresh?: boolean;
  readonly plan: string;
  readonly speed: number;
  readonly rate: number;
  readonly people: number;
  readonly messages: number;
  readonly seed: number;
}

export function declare(command: Command): void {
  command
    .option(
      '--exit',
      'end with the report; exit code 0 only if the plan completed, no request failed and no row was lost',
    )
    .option('--import <zip>', 'a Slack export in place of the sample workspace')
    .option('--fresh', 'throw away the embedded database of earlier demonstrations first')
    .option('--plan <folder>', 'the plan to carry out', 'plans/batch-2')
    .option('--speed <times>', 'how much faster than the calendar', number('--speed', 1), 20_000)
    .option('--rate <n>', 'requests a second', number('--rate', 1), 80)
    .option('--people <n>', 'people who use Parley', whole('--people', 2), 120)
    .option('--messages <n>', 'messages of the sample workspace', whole('--messages', 1), 60_000)
    .option('--seed <n>', 'what the sample and the load are made from', whole('--seed', 0), 7)
    .addHelpText(
      'after',
      `
With DATABASE_URL set, that database is used (Postgres 14 or newer; refused unless it is empty or Parley's own); otherwise an
embedded Postgres under .crossfade/postgres. While it runs, try from another terminal: crossfade status, crossfade flags list,
npm run flags:disable --all, npm run deploy:rollback, or kill -9 of a Parley server or
of the controller (crossfade run).`,
    );
}

function number(option: string, minimum: number): (text: string) => number {
  return (text) => {
    const value = Number(text);
    if (!Number.isFinite(value) || value < minimum) {
      throw new Refusal(`${option} ${text}: expected a number of at least ${minimum}`);
    }
    return value;
  };
}

function whole(option: string, minimum: number): (text: string) => number {
  const read = number(option, minimum);
  return (text) => {
    const value = read(text);
    if (!Number.isSafeInteger(value)) throw new Refusal(`${option} ${text}: expected a whole number`);
    return value;
  };
}

export async function execute(output: Output, options: DemoOptions): Promise<ExitCode> {
  const settings = settingsOf(options);
  const session = readSession();
  if (session) {
    throw new Refusal(
      `a demonstration runs here already (process ${session.pid}): end it with Ctrl+C in its terminal`,
    );
  }
  if (options.fresh && !process.env['DATABASE_URL']) rmSync(embeddedFolder, { recursive: true, force: true });
  output.line(
    pc.dim(
      process.env['DATABASE_URL'] ? 'Database: DATABASE_URL' : 'Database: starting the embedded Postgres …',
    ),
  );
  const database = await openOrRefuse();
  const demonstration = new Demonstration(database.url, settings, output);
  const interrupted = interruption();
  try {
    const code = await Promise.race([demonstration.run(interrupted.signal), interrupted.happened]);
    // Whoever ends it while Parley serves on, after the report, interrupts nothing.
    return demonstration.verdict ?? code;
  } finally {
    try {
      await demonstration.stop();
    } finally {
      await database.close();
    }
  }
}

async function openOrRefuse(): ReturnType<typeof openDatabase> {
  try {
    return await openDatabase({ directory: embeddedFolder, databaseName, env: process.env });
  } catch (error) {
    throw new Refusal(errorText(error), { cause: error });
  }
}

/** The first signal ends the demonstration in order, the second one at once. */
function interruption(): { signal: AbortSignal; happened: Promise<ExitCode> } {
  const controller = new AbortController();
  const happened = new Promise<ExitCode>((resolve) => {
    onInterruption(['SIGINT', 'SIGTERM', 'SIGHUP'], {
      first: () => {
        controller.abort();
        resolve(exitCodes.interrupted);
      },
      again: () => process.exit(exitCodes.interrupted),
    });
  });
  return { signal: controller.signal, happened };
}

function settingsOf(options: DemoOptions): DemoSettings {
  if (options.import !== undefined && !existsSync(options.import)) {
    throw new Refusal(`--import ${options.import}: there is no such file`);
  }
  return {
    exit: options.exit ?? false,
    importFile: options.import,
    planPath: options.plan,
    speed: options.speed,
    ratePerSecond: options.rate,
    people: options.people,
    messages: options.messages,
    seed: options.seed,
  };
}
