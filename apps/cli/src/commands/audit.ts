import { verifyChain } from '@crossfade/engine';
import type { Command } from 'commander';
import pc from 'picocolors';
import { oneOf } from '../argument.ts';
import { withStore, type DatabaseOptions } from '../control.ts';
import { exitCodes, Refusal, type ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';

export const auditCommand: CrossfadeCommand<DatabaseOptions> = {
  name: 'audit',
  about: "Recompute the journal's hash chain and name the first entry that was changed",
  needsDatabase: true,
  declare,
  execute,
};

function declare(command: Command): void {
  command.addArgument(oneOf('action', 'what to do', ['verify']));
}

async function execute(output: Output, options: DatabaseOptions): Promise<ExitCode> {
  return withStore(options, async (store) => {
    const entries = await store.readJournal(0);
    // "0 entries, all is well" would be said of a database that was mistaken for another one.
    if (entries.length === 0)
      throw new Refusal('no plan has been run on this database yet: there is no journal to verify');
    const check = verifyChain(entries);
    output.data(check);
    if (!check.ok) {
      output.result(`${pc.red('✘')} The journal was changed: entry ${check.seq}: ${check.reason}.`);
      output.line(
        '  Whoever can write to its table did that, past Crossfade. Compare it with a backup before you trust what it says.',
        0,
      );
      return exitCodes.failed;
    }
    output.result(
      `${pc.green('✔')} ${check.entries} entries, each follows from the one before. Head ${check.head.slice(0, 16)}.`,
    );
    return exitCodes.ok;
  });
}
