import { existsSync, mkdirSync, readdirSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Command } from 'commander';
import pc from 'picocolors';
import { exitCodes, Refusal, type ExitCode } from '../exit-codes.ts';
import { starterPlan } from '../starter-plan.ts';
import type { Output } from '../output.ts';

export const about = 'Write a small, working plan to start from';

export function declare(command: Command): void {
  command.argument('[folder]', 'where to put it; must not exist or be empty', 'my-plan');
}

export async function execute(output: Output, _options: object, folder: string): Promise<ExitCode> {
  if (existsSync(folder) && !statSync(folder).isDirectory()) {
    throw new Refusal(`${folder} is a file: init writes into a new or empty folder`);
  }
  if (existsSync(folder) && readdirSync(folder).length > 0) {
    throw new Refusal(`${folder} is not empty: init writes only into a new or empty folder`);
  }
  const paths = Object.entries(starterPlan).map(([name, text]) => {
    const path = join(folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, text, { flag: 'wx' });
    return path;
  });
  output.data({ folder, files: paths });
  for (const path of paths) output.line(`${pc.green('+')} ${path}`);
  output.line(`\nNext: change it to your tables and flags, then  crossfade validate ${folder}`);
  return exitCodes.ok;
}
