import { parseArgs } from 'node:util';
import { runContentCommand } from './run-content-command.ts';
import { importSample } from './sample/import-sample.ts';

/** `sample [--messages 60000] [--people 400] [--seed 7]`: fills the database of DATABASE_URL with invented talk. */
export async function run(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      messages: { type: 'string', default: '60000' },
      people: { type: 'string', default: '400' },
      seed: { type: 'string', default: '7' },
    },
  });
  const size = {
    messages: wholeNumber('messages', values.messages, 1, 5_000_000),
    people: wholeNumber('people', values.people, 2, 100_000),
    seed: wholeNumber('seed', values.seed, 0, 2 ** 31),
  };
  await runContentCommand('sample', async (tools) => await importSample({ ...size, ...tools }));
}

function wholeNumber(name: string, text: string, least: number, most: number): number {
  const number = Number(text);
  if (/^\d+$/.test(text) && number >= least && number <= most) return number;
  throw new Error(`--${name} is "${text}"; expected a whole number from ${least} to ${most}`);
}
