import type { Command } from 'commander';
import { oneOf } from '../argument.ts';
import { bashCompletion } from '../completion/bash.ts';
import { fishCompletion } from '../completion/fish.ts';
import { vocabularyOf, type CommandWords } from '../completion/vocabulary.ts';
import { zshCompletion } from '../completion/zsh.ts';
import { exitCodes, Refusal, type ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';

export const completionCommand: CrossfadeCommand<object> = {
  name: 'completion',
  about: 'Print a script that lets your shell complete commands and options',
  declare,
  execute,
};

const scripts: Readonly<Record<string, (commands: readonly CommandWords[]) => string>> = {
  bash: bashCompletion,
  zsh: zshCompletion,
  fish: fishCompletion,
};

function declare(command: Command): void {
  command.addArgument(oneOf('shell', 'the shell', Object.keys(scripts))).addHelpText(
    'after',
    `
bash, in ~/.bashrc:                  eval "$(crossfade completion bash)"
zsh, in ~/.zshrc after compinit:     eval "$(crossfade completion zsh)"
fish, in ~/.config/fish/config.fish: crossfade completion fish | source`,
  );
}

async function execute(output: Output, _options: object, shell: string): Promise<ExitCode> {
  // Not above: the program is made of all commands, this one among them.
  const { createProgram } = await import('../program.ts');
  const script = scripts[shell]?.(vocabularyOf(createProgram(() => undefined)));
  if (script === undefined)
    throw new Refusal(`no completion for ${shell}: expected ${Object.keys(scripts).join(', ')}`);
  output.data({ shell, script });
  // As it is: a script that is wrapped to the terminal would be another one.
  if (!output.json) process.stdout.write(script);
  return exitCodes.ok;
}
