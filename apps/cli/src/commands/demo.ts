import { existsSync } from 'node:fs';
import { removeEmbeddedPostgres } from '@crossfade/local-postgres';
import type { Command } from 'commander';
import pc from 'picocolors';
import { embeddedFolder } from '../database.ts';
import { DemoDatabase } from '../demo/demo-database.ts';
import { Demonstration, type DemoSettings } from '../demo/demonstration.ts';
import { errorText } from '../error-text.ts';
import { exitCodes, Refusal, type ExitCode } from '../exit-codes.ts';
import { onInterruption } from '../interruption.ts';
import { numberOption } from '../number-option.ts';
import type { Output } from '../output.ts';
import { readSession } from '../session.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';

export const demoCommand: CrossfadeCommand<DemoOptions> = {
  name: 'demo',
  about: 'The main job of "npm start": Parley under use, migrated from Batch 1 to Batch 2 before your eyes',
  declare,
  execute,
};

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

const count = (option: string, minimum: number): ((text: string) => number) =>
  numberOption(option, { minimum, maximum: 100_000_000, whole: true });

function declare(command: Command): void {
  command
    .option(
      '--exit',
      'end with the report; exit code 0 only if the plan completed, no request failed and no row was lost',
    )
    .option('--import <zip>', 'a Slack export in place of the sample workspace')
    .option('--fresh', 'throw away the embedded database of earlier demonstrations first')
    .option('--plan <folder>', 'the plan to carry out', 'plans/batch-2')
    .option(
      '--speed <times>',
      'how much faster than the calendar',
      numberOption('--speed', { minimum: 1, maximum: 1_000_000 }),
      20_000,
    )
    .option('--rate <n>', 'requests a second', numberOption('--rate', { minimum: 1, maximum: 10_000 }), 80)
    .option('--people <n>', 'people who use Parley', count('--people', 2), 120)
    .option('--messages <n>', 'messages of the sample workspace', count('--messages', 1), 60_000)
    .option('--seed <n>', 'what the sample and the load are made from', count('--seed', 0), 7)
    .addHelpText(
      'after',
      `
With DATABASE_URL set, that database is used (Postgres 14 or newer; refused
unless it is empty or Parley's own, and with --fresh); otherwise an embedded
Postgres under .crossfade/postgres. While it runs, try from another terminal:
crossfade status, pause, resume, flags list, npm run flags:disable --all, npm
run deploy:rollback, or kill -9 of a Parley server or of the controller
(crossfade run).`,
    );
}

async function execute(output: Output, options: DemoOptions): Promise<ExitCode> {
  const settings = settingsOf(options);
  const session = readSession();
  if (session) {
    throw new Refusal(
      `a demonstration runs here already (process ${session.pid}): end it with Ctrl+C in its terminal`,
    );
  }
  const given = Boolean(process.env['DATABASE_URL']?.trim());
  if (options.fresh) await discardEmbedded(given);
  output.line(pc.dim(given ? 'Database: DATABASE_URL' : 'Database: starting the embedded Postgres …'));
  const database = await DemoDatabase.open(output);
  const demonstration = new Demonstration(database, settings, output);
  const interrupted = interruption(() => {
    demonstration.kill();
    database.kill();
    process.exit(demonstration.verdict ?? exitCodes.interrupted);
  });
  try {
    const work = demonstration.run(interrupted.signal);
    const code = await Promise.race([work, interrupted.happened, database.lost]);
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

async function discardEmbedded(databaseIsGiven: boolean): Promise<void> {
  if (databaseIsGiven) {
    throw new Refusal(
      '--fresh throws away the embedded database, and DATABASE_URL names another one, which is left alone: unset ' +
        'DATABASE_URL, or leave out --fresh',
    );
  }
  try {
    await removeEmbeddedPostgres(embeddedFolder);
  } catch (error) {
    throw new Refusal(errorText(error), { cause: error });
  }
}

/** What hangs longer than this after the first signal, on a database that does not answer, is ended by force. */
const patienceMs = 4_500;

/** The first signal ends the demonstration in order, the second one (or no end within `patienceMs`) at once. */
function interruption(endAtOnce: () => never): { signal: AbortSignal; happened: Promise<ExitCode> } {
  const controller = new AbortController();
  const happened = new Promise<ExitCode>((resolve) => {
    onInterruption(['SIGINT', 'SIGTERM', 'SIGHUP'], {
      first: () => {
        setTimeout(endAtOnce, patienceMs).unref();
        controller.abort();
        resolve(exitCodes.interrupted);
      },
      again: endAtOnce,
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
