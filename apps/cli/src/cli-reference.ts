import { documentLimits } from '@crossfade/plan';
import type { Argument, Command, Option } from 'commander';
import { argumentText } from './argument.ts';
import { exitCodeMeanings } from './exit-codes.ts';
import { planFolderLimits } from './plan-folder-limits.ts';
import { createProgram } from './program.ts';

/** docs/reference/cli.md: every command, argument, option and exit code, as the commands declare them. */
export function cliReference(): string {
  const program = createProgram(() => undefined);
  const codes = Object.entries(exitCodeMeanings).map(([code, meaning]) => `| ${code} | ${meaning} |`);
  return [
    '# The crossfade command',
    'Made from the code by `npm run docs`. `crossfade COMMAND --help` says the same at a terminal.',
    '## Exit codes',
    ['| code | meaning |', '| ---: | --- |', ...codes].join('\n'),
    'They are the same for every command. `status` exits 0 whatever the state of the run is: scripts read that with `--json`.',
    '## What every command understands',
    optionTable(sharedOptions(program)),
    environment,
    '## How large a plan may be',
    limits(),
    '## Commands',
    ...program.commands.map((command) => commandSection(command, program)),
    '',
  ].join('\n\n');
}

const environment = `## Environment

| variable | meaning |
| --- | --- |
| \`DATABASE_URL\` | the database to work on, unless \`--database\` names another |
| \`DATABASE_DIRECT_URL\` | the server itself, where the database is reached through a connection pooler |
| \`CROSSFADE_ACTOR\` | who gives a command, for the journal; the account's name by default |
| \`CROSSFADE_FOLDER\` | where reports, logs and the embedded database are kept; \`.crossfade\` by default |
| \`CROSSFADE_DEBUG\` | \`1\`: with an error, where in the code it arose, as with \`--debug\` |
| \`NO_COLOR\`, \`FORCE_COLOR\` | no colours; colours also without a terminal (\`FORCE_COLOR=0\`: none). \`NO_COLOR\` wins |
| \`COLUMNS\` | how wide lines may be; by default the terminal's width, and whole lines in a pipe |`;

function limits(): string {
  const { mostFiles, deepestFolders, largestFileBytes, largestPlanCharacters } = planFolderLimits;
  const { mostLexemes, mostValues, mostAliases, deepest, longestKey } = documentLimits;
  const rows: readonly (readonly [string, number])[] = [
    ['bytes in one file: `plan.yaml`, an SQL file, a message', largestFileBytes],
    ['characters in all files of a plan', largestPlanCharacters],
    ['files of a plan', mostFiles],
    ['folders in one another', deepestFolders],
    ['brackets, colons, words and spaces in `plan.yaml`', mostLexemes],
    ['values in `plan.yaml`, those that aliases repeat among them', mostValues],
    ['aliases in `plan.yaml`', mostAliases],
    ['maps and lists in one another', deepest],
    ['characters in a key', longestKey],
  ];
  const table = rows.map(([what, most]) => `| ${what} | ${most.toLocaleString('en-US')} |`);
  return [
    'More is refused with the file, the limit and exit code 2, before anything is executed. Files are text in UTF-8.',
    ['| | at most |', '| --- | ---: |', ...table].join('\n'),
  ].join('\n\n');
}

/** Options that all commands have, whatever they do. */
function sharedOptions(program: Command): readonly Option[] {
  const [first, ...others] = program.commands;
  return (first?.options ?? []).filter(({ flags }) =>
    others.every((command) => command.options.some((option) => option.flags === flags)),
  );
}

function commandSection(command: Command, program: Command): string {
  const shared = new Set(sharedOptions(program).map(({ flags }) => flags));
  const own = command.options.filter(({ flags }) => !shared.has(flags));
  const usage = ['crossfade', command.name(), ...command.registeredArguments.map(argumentText)].join(' ');
  const parts = [
    `### ${command.name()}`,
    `${command.description()}.`,
    `\`\`\`\n${usage}${own.length > 0 ? ' [options]' : ''}\n\`\`\``,
    ...(command.registeredArguments.length > 0 ? [argumentTable(command.registeredArguments)] : []),
    ...(own.length > 0 ? [optionTable(own)] : []),
    ...remarksOn(command),
  ];
  return parts.join('\n\n');
}

/** What its help says below the options. */
function remarksOn(command: Command): string[] {
  let told = '';
  command.configureOutput({ writeOut: (text) => (told += text) }).outputHelp();
  const remarks = told.slice(command.helpInformation().length).trim();
  return remarks === '' ? [] : [`\`\`\`text\n${remarks}\n\`\`\``];
}

function argumentTable(given: readonly Argument[]): string {
  const rows = given.map((argument) => {
    const choices = argument.argChoices ? `: ${argument.argChoices.join(', ')}` : '';
    return `| \`${argumentText(argument)}\` | ${argument.description}${choices}${defaultText(argument.defaultValue)} |`;
  });
  return ['| argument | meaning |', '| --- | --- |', ...rows].join('\n');
}

function optionTable(options: readonly Option[]): string {
  const rows = options.map(({ flags, description, defaultValue, negate }) => {
    return `| \`${flags}\` | ${description}${negate ? '' : defaultText(defaultValue)} |`;
  });
  return ['| option | meaning |', '| --- | --- |', ...rows].join('\n');
}

function defaultText(value: unknown): string {
  if (typeof value !== 'string' && typeof value !== 'number') return '';
  return `; default: ${typeof value === 'string' ? `\`${value}\`` : value}`;
}
