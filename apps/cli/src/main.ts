import { Command, CommanderError } from 'commander';
import pc from 'picocolors';
import manifest from '../package.json' with { type: 'json' };
import { errorText } from './error-text.ts';
import * as audit from './commands/audit.ts';
import * as demo from './commands/demo.ts';
import * as flags from './commands/flags.ts';
import * as init from './commands/init.ts';
import * as report from './commands/report.ts';
import * as rollback from './commands/rollback.ts';
import * as run from './commands/run.ts';
import * as status from './commands/status.ts';
import * as validate from './commands/validate.ts';
import { exitCodes, Refusal, type ExitCode } from './exit-codes.ts';
import { createOutput, type Output } from './output.ts';

/** A command of ours: how it is called, and what it does. */
interface CommandModule<Options> {
  readonly about: string;
  declare(command: Command): void;
  execute(output: Output, options: Options, ...positional: string[]): Promise<ExitCode>;
}

/** Of the command that was given; none while its words are still being read. */
let output: Output | undefined;

const program = new Command('crossfade')
  .description('Carries out a migration plan on a live application, and takes it back when it hurts.')
  .version(manifest.version)
  .addHelpText(
    'after',
    `
First steps:
  crossfade init my-plan          a small plan to start from
  crossfade validate my-plan      all that is wrong with it, with line and column
  crossfade run my-plan           carry it out on DATABASE_URL
  crossfade rollback              take the newest run back: flags first, then data, then schema

Exit codes: 0 done · 1 tried and failed · 2 refused, nothing changed · 3 the run was taken back · 4 interrupted, can go on
The database is --database, else DATABASE_URL, else the one of "npm start" in this folder.`,
  )
  .showHelpAfterError()
  .exitOverride();

add('init', init);
add('validate', validate);
add('run', run, { database: true });
add('status', status, { database: true });
add('rollback', rollback, { database: true });
add('report', report, { database: true });
add('flags', flags, { database: true });
add('audit', audit, { database: true });
add('demo', demo);

function add<Options extends object>(
  name: string,
  module: CommandModule<Options>,
  needs: { readonly database?: boolean } = {},
): void {
  const command = program
    .command(name)
    .description(module.about)
    .option('--json', 'one JSON document on stdout, for scripts');
  if (needs.database) command.option('--database <url>', 'Postgres to work on; DATABASE_URL by default');
  module.declare(command);
  command.action(async (...given: unknown[]) => {
    const positional = given
      .slice(0, -2)
      .flat()
      .filter((value) => typeof value === 'string');
    const options = command.opts<Options & { json?: boolean }>();
    output = createOutput(options.json ?? false);
    process.exitCode = await module.execute(output, options, ...positional);
  });
}

// Whoever read our output has gone, as in "crossfade report | head": nobody is there to be told more.
process.stdout.on('error', (error: NodeJS.ErrnoException) => {
  if (error.code !== 'EPIPE') throw error;
  process.exit(exitCodes.interrupted);
});

try {
  await program.parseAsync();
} catch (error) {
  process.exitCode = explain(error);
}

function explain(error: unknown): ExitCode {
  const misused = error instanceof CommanderError;
  if (misused && error.exitCode === 0) return exitCodes.ok;
  const message = errorText(error).replace(/^error: /, '');
  const refused = misused || error instanceof Refusal;
  const exitCode = refused ? exitCodes.refused : exitCodes.failed;
  // Commander has printed its own message already.
  if (!misused) process.stderr.write(`${pc.red('✘')} ${message}\n`);
  const forScripts = output ?? createOutput(process.argv.includes('--json'));
  forScripts.data({ error: message, exitCode, ...(error instanceof Refusal ? error.details : {}) });
  if (!refused && process.env['CROSSFADE_DEBUG'] && error instanceof Error)
    process.stderr.write(`${error.stack}\n`);
  return exitCode;
}
