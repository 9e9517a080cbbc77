import { verifyChain } from '@crossfade/engine';
import type { Command } from 'commander';
import pc from 'picocolors';
import { withStore, type DatabaseOptions } from '../control.ts';
import { exitCodes, Refusal, type ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';

export const about = "Recompute the journal's hash chain and name the first entry that was changed";

export function declare(command: Command): void {
  command.argument('<what>', 'verify');
}

export async function execute(output: Output, options: DatabaseOptions, what: string): Promise<ExitCode> {
  if (what !== 'verify') throw new Refusal(`crossfade audit knows "verify", not "${what}"`);
  return withStore(options, async (store) => {
    const check = verifyChain(await store.readJournal(0));
    output.data(check);
    if (!check.ok) {
      output.line(`${pc.red('✘')} The journal was changed: entry ${check.seq}: ${check.reason}.`);
      return exitCodes.failed;
    }
    output.line(
      `${pc.green('✔')} ${check.entries} entries, each follows from the one before. Head ${check.head.slice(0, 16)}.`,
    );
    return exitCodes.ok;
  });
}
