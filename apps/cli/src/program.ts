import { Command } from 'commander';
import pc from 'picocolors';
import manifest from '../package.json' with { type: 'json' };
import { argumentText } from './argument.ts';
import { auditCommand } from './commands/audit.ts';
import { backfillCommand } from './commands/backfill.ts';
import { completionCommand } from './commands/completion.ts';
import { demoCommand } from './commands/demo.ts';
import { doctorCommand } from './commands/doctor.ts';
import { flagsCommand } from './commands/flags.ts';
import { initCommand } from './commands/init.ts';
import { pauseCommand } from './commands/pause.ts';
import { planCommand } from './commands/plan.ts';
import { promoteCommand } from './commands/promote.ts';
import { rehearseCommand } from './commands/rehearse.ts';
import { relayCommand } from './commands/relay.ts';
import { reportCommand } from './commands/report.ts';
import { resumeCommand } from './commands/resume.ts';
import { rollbackCommand } from './commands/rollback.ts';
import { rolloutCommand } from './commands/rollout.ts';
import { runCommand } from './commands/run.ts';
import { statusCommand } from './commands/status.ts';
import { validateCommand } from './commands/validate.ts';
import { verifyCommand } from './commands/verify.ts';
import { workerCommand } from './commands/worker.ts';
import type { CrossfadeCommand } from './crossfade-command.ts';
import { exitCodeMeanings, Refusal } from './exit-codes.ts';
import { createOutput, tell, type Output, type OutputChoice } from './output.ts';
import { printable } from './printable.ts';

const widestHelp = 80;

/** All commands, with their options. `begin` is told of the output of the one that was given, before it does anything. */
export function createProgram(begin: (output: Output) => void): Command {
  const program = new Command('crossfade')
    .description('Carries out a migration plan on a live application, and takes it back when\nit hurts.')
    .version(manifest.version)
    .option('--no-color', 'no colours, as with NO_COLOR; FORCE_COLOR forces them')
    .addHelpText('after', helpAfter())
    .showHelpAfterError('All commands: crossfade --help')
    .configureOutput({
      // What was given and is not known is repeated: not as it is, it may move the cursor.
      writeOut: (text) => process.stdout.write(printable(text)),
      writeErr: (text) => process.stderr.write(printable(text)),
      getOutHelpWidth: () => Math.min(widestHelp, process.stdout.columns || widestHelp),
      getErrHelpWidth: () => Math.min(widestHelp, process.stderr.columns || widestHelp),
      outputError: (text) => tell(errorLines(text)),
    })
    .configureHelp({ subcommandTerm })
    .exitOverride();

  add(initCommand);
  add(validateCommand);
  add(planCommand);
  add(rehearseCommand);
  add(runCommand);
  add(statusCommand);
  add(pauseCommand);
  add(resumeCommand);
  add(promoteCommand);
  add(rollbackCommand);
  add(flagsCommand);
  add(rolloutCommand);
  add(backfillCommand);
  add(workerCommand);
  add(verifyCommand);
  add(relayCommand);
  add(reportCommand);
  add(auditCommand);
  add(doctorCommand);
  add(demoCommand);
  add(completionCommand);
  return program;

  function add<Options extends object>(ours: CrossfadeCommand<Options>): void {
    const command = program
      .command(ours.name)
      .description(ours.about)
      .showHelpAfterError(`Usage and options: crossfade ${ours.name} --help`);
    ours.declare?.(command);
    if (ours.needsDatabase)
      command.option('--database <url>', 'Postgres to work on; DATABASE_URL by default');
    command
      .option('--json', 'one JSON document on stdout, for scripts')
      .option('-q, --quiet', 'print only the result and errors')
      .option('--no-color', 'no colours, as with NO_COLOR')
      .option('--debug', 'say where in the code an error arose, as with CROSSFADE_DEBUG=1');
    command.action(async (...given: unknown[]) => {
      const positional = given
        .slice(0, -2)
        .flat()
        .filter((value) => typeof value === 'string');
      const options = command.opts<Options & OutputChoice>();
      refuseSwallowedOptions(command);
      const output = createOutput(options);
      begin(output);
      process.exitCode = await ours.execute(output, options, ...positional);
    });
  }
}

/** Without `[options]`, which all of them have. */
function subcommandTerm(command: Command): string {
  return [command.name(), ...command.registeredArguments.map(argumentText)].join(' ');
}

/** An error of Commander's as our own are shown; what was probably meant comes below. */
function errorLines(text: string): string {
  const [told = '', ...more] = text.trimEnd().split('\n');
  return [`${pc.red('✘')} ${told.replace(/^error: /, '')}`, ...more.map((line) => `  ${line}`)].join('\n');
}

/** `--database --json`: an option that was left without its value takes the next one for it. */
function refuseSwallowedOptions(command: Command): void {
  const known = command.options.map(({ long }) => long);
  for (const [name, value] of Object.entries(command.opts<Record<string, unknown>>())) {
    const words = [value].flat().filter((word) => typeof word === 'string');
    const taken = words.find((word) => known.includes(word));
    const option = command.options.find((each) => each.attributeName() === name)?.long;
    if (taken !== undefined) throw new Refusal(`${option} ${taken}: expected a value after ${option}`);
  }
}

function helpAfter(): string {
  const codes = Object.entries(exitCodeMeanings).map(([code, meaning]) => `  ${code}  ${meaning}`);
  return `
First steps:
  crossfade init my-plan       a small plan to start from
  crossfade validate my-plan   all that is wrong with it, with line and column
  crossfade rehearse my-plan   on a copy of DATABASE_URL: forward, back, every
                               lock
  crossfade run my-plan        carry it out on DATABASE_URL

When something looks wrong:
  crossfade status             where the run stands, and what to do
  crossfade pause              begin and promote nothing more; people keep what
                               they have
  crossfade rollback           take the run back: flags first, then data, then
                               schema

Exit codes:
${codes.join('\n')}

The database is --database, else DATABASE_URL, else the one of "npm start" in
this folder.`;
}
