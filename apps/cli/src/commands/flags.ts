import type { Command } from 'commander';
import pc from 'picocolors';
import { oneOf } from '../argument.ts';
import { loadJournal, pinnedPlan, withStore, type DatabaseOptions } from '../control.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';
import { exitCodes, Refusal, type ExitCode } from '../exit-codes.ts';
import { tellUsage } from '../flags/flag-usage.ts';
import { listFlags } from '../flags/list-flags.ts';
import { listForPerson, tellOverride } from '../flags/one-person.ts';
import { overrideFlags, personGiven } from '../flags/override-flags.ts';
import { chosenFlags, switchFlags } from '../flags/switch-flags.ts';
import { operatorName } from '../operator.ts';
import type { Output } from '../output.ts';

export const flagsCommand: CrossfadeCommand<FlagsOptions> = {
  name: 'flags',
  about: 'List the flags of the newest run, switch them off and release them, for all or for one person',
  needsDatabase: true,
  declare,
  execute,
};

interface FlagsOptions extends DatabaseOptions {
  readonly all?: boolean;
  readonly reason?: string;
  readonly for?: string;
}

const switches = ['disable', 'enable'] as const;
const overrides = ['on', 'off', 'reset'] as const;

function declare(command: Command): void {
  command
    .addArgument(oneOf('action', 'what to do', ['list', 'usage', ...switches, ...overrides]))
    .argument('[flags...]', 'flags by name; list and usage show all without')
    .option('--all', 'every flag of the plan, in place of names')
    .option('--for <person>', 'one person, by user id; for on, off, reset, and list')
    .option('--reason <text>', 'why; journalled')
    .addHelpText(
      'after',
      `
disable is the kill switch: it works while no controller runs, and reaches the
application within a second. What it switched off stays off, whatever a rollout
does, until it is enabled again.

on, off and reset are for one person: "turn it off for her". off holds whatever
the plan does; on holds while the flag is open to anybody. reset lets the plan
decide again. list --for tells what one person has, and why.

usage tells who was shown each flag and who used it, as far as the application
reports it.`,
    );
}

async function execute(
  output: Output,
  options: FlagsOptions,
  action: string,
  ...names: string[]
): Promise<ExitCode> {
  const override = overrides.find((each) => each === action);
  const isForAll = action === 'usage' || switches.some((each) => each === action);
  const person = options.for === undefined ? undefined : personGiven(options.for);
  if (override && person === undefined) {
    throw new Refusal(`flags ${action} is for one person: expected --for USER; for everybody: flags disable`);
  }
  if (isForAll && person !== undefined) {
    const meant = { disable: 'off', enable: 'reset' }[action] ?? 'list';
    throw new Refusal(`flags ${action} is for everybody; for one person: flags ${meant} … --for ${person}`);
  }
  return withStore(options, async (store) => {
    const loaded = await loadJournal(store);
    const { journal } = loaded;
    const bound = await pinnedPlan(store, journal);
    if (!bound) throw new Refusal('no plan has been run on this database yet, so it has no flags');
    const flags = chosenFlags(bound, journal, allMeant(options, names, action) ? 'all' : names);
    const reason = options.reason ?? `crossfade flags ${action}`;
    const given = { flags, reason, actor: operatorName() };
    if (override && person !== undefined) {
      await overrideFlags(store, bound, { action: override, person, ...given });
      return tellOverride(output, bound, journal, { action: override, person, flags });
    }
    if (person !== undefined) return await listForPerson(output, store, journal, { person, flags });
    if (action === 'list') return listFlags(output, bound, journal, flags);
    if (action === 'usage') return await tellUsage(output, store, loaded, flags);
    await switchFlags(store, bound, { off: action === 'disable', ...given });
    output.data({ action, flags });
    output.result(
      `${pc.green('✔')} ${flags.join(', ')}: ${action === 'disable' ? 'off for everybody' : 'follows the plan again'}.`,
    );
    return exitCodes.ok;
  });
}

/** npm keeps `--all` for itself and tells of it in the environment: `npm run flags:disable --all`. Names are the narrower wish. */
function allMeant({ all = false }: FlagsOptions, names: readonly string[], action: string): boolean {
  if (all && names.length > 0)
    throw new Refusal(`--all and ${names.join(', ')}: name the flags, or say --all, not both`);
  if (names.length > 0) return false;
  return all || action === 'list' || action === 'usage' || process.env['npm_config_all'] === 'true';
}
