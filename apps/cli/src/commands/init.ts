import { mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import pc from 'picocolors';
import { exitCodes, Refusal, type ExitCode } from '../exit-codes.ts';
import { starterPlan } from '../starter-plan.ts';
import type { Output } from '../output.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';

export const initCommand: CrossfadeCommand<object> = {
  name: 'init',
  about: 'Write a small, working plan to start from',
  declare,
  execute,
};

function declare(command: Command): void {
  command.argument('[folder]', 'where to put it; must not exist or be empty', 'my-plan');
}

async function execute(output: Output, _options: object, folder: string): Promise<ExitCode> {
  if (folder.trim() === '')
    throw new Refusal('the name of the folder is empty: expected a new or empty folder');
  const paths = writtenInto(folder);
  output.data({ folder, files: paths });
  for (const path of paths) output.result(`${pc.green('+')} ${path}`);
  output.line(`\nNext: change it to your tables and flags, then  crossfade validate ${folder}`);
  return exitCodes.ok;
}

function writtenInto(folder: string): string[] {
  try {
    makeFolder(folder);
    if (readdirSync(folder).length > 0) {
      throw new Refusal(`${folder} is not empty: init writes only into a new or empty folder`);
    }
    return Object.entries(starterPlan).map(([name, text]) => {
      const path = join(folder, name);
      makeFolder(dirname(path));
      writeFileSync(path, text, { flag: 'wx' });
      return path;
    });
  } catch (error) {
    if (error instanceof Refusal || !(error instanceof Error)) throw error;
    throw new Refusal(`cannot write into ${folder}: ${error.message}`, { cause: error });
  }
}

/** One folder after the other: under /proc, Node's own recursive mkdir goes on for ever. */
function makeFolder(folder: string): void {
  const found = statSync(folder, { throwIfNoEntry: false });
  if (found?.isDirectory()) return;
  if (found) throw new Refusal(`${folder} is a file: init writes into a new or empty folder`);
  if (dirname(folder) !== folder) makeFolder(dirname(folder));
  mkdirSync(folder);
}
