import { CommanderError } from 'commander';
import pc from 'picocolors';
import { errorText, stackText } from './error-text.ts';
import { exitCodes, Refusal, type ExitCode } from './exit-codes.ts';
import { createOutput, tell, type Output } from './output.ts';
import { createProgram } from './program.ts';

export interface CommandLine {
  /** Carries the command out and sets the exit code of this process; whatever goes wrong is explained. */
  run(): Promise<void>;
  /** Says an error in one sentence on stderr and, with --json, in one document on stdout. */
  explain(error: unknown): ExitCode;
}

/** What was typed after `crossfade`. */
export function createCommandLine(words: readonly string[]): CommandLine {
  /** Of the command that was given; none while its words are still being read. */
  let output: Output | undefined;

  const explain = (error: unknown): ExitCode => {
    const misused = error instanceof CommanderError;
    if (misused && error.exitCode === 0) return exitCodes.ok;
    const refused = misused || error instanceof Refusal;
    const exitCode = refused ? exitCodes.refused : exitCodes.failed;
    const message = errorText(error)
      .replace(/^error: /, '')
      .replace('\n(Did', ' (Did');
    // Commander has printed its own message already.
    if (!misused) tell(`${pc.red('✘')} ${message}`);
    const forScripts = output ?? createOutput({ json: words.includes('--json') });
    forScripts.data({ error: message, exitCode, ...(error instanceof Refusal ? error.details : {}) });
    if (misused) return exitCode;
    if (process.env['CROSSFADE_DEBUG'] || words.includes('--debug')) tell(stackText(error));
    else if (!refused) tell(pc.dim('  CROSSFADE_DEBUG=1 says where in the code it arose.'));
    return exitCode;
  };

  const run = async (): Promise<void> => {
    try {
      const program = createProgram((begun) => (output = begun));
      // Help about a command that there is not would be all help there is, without a word of why.
      const [asked, about] = words;
      const lost =
        asked === 'help' && about !== undefined && !program.commands.some((own) => own.name() === about);
      await program.parseAsync(lost ? words.slice(1) : words, { from: 'user' });
    } catch (error) {
      process.exitCode = explain(error);
    }
  };

  return { run, explain };
}
