import { flagPlanOf } from '@crossfade/controller';
import { stepOf, type BoundPlan, type JournalState } from '@crossfade/engine';
import type { Command } from 'commander';
import pc from 'picocolors';
import { oneOf } from '../argument.ts';
import { loadJournal, pinnedPlan, withStore, type DatabaseOptions } from '../control.ts';
import { exitCodes, Refusal, type ExitCode } from '../exit-codes.ts';
import { operatorName } from '../operator.ts';
import type { Output } from '../output.ts';
import { columns } from '../columns.ts';
import { audienceText } from '../audience-text.ts';
import { chosenFlags, switchFlags } from '../switch-flags.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';

export const flagsCommand: CrossfadeCommand<FlagsOptions> = {
  name: 'flags',
  about: 'List the flags of the newest run, or switch them off and release them again',
  needsDatabase: true,
  declare,
  execute,
};

interface FlagsOptions extends DatabaseOptions {
  readonly all?: boolean;
  readonly reason?: string;
}

function declare(command: Command): void {
  command
    .addArgument(oneOf('action', 'what to do', ['list', 'disable', 'enable']))
    .argument('[flags...]', 'flags by name; list shows all without')
    .option('--all', 'every flag of the plan, in place of names')
    .option('--reason <text>', 'why; journalled')
    .addHelpText(
      'after',
      `
disable is the kill switch: it works while no controller runs, and reaches the
application within a second. What it switched off stays off, whatever a rollout
does, until it is enabled again.`,
    );
}

async function execute(
  output: Output,
  options: FlagsOptions,
  action: string,
  ...names: string[]
): Promise<ExitCode> {
  return withStore(options, async (store) => {
    const { journal } = await loadJournal(store);
    const bound = await pinnedPlan(store, journal);
    if (!bound) throw new Refusal('no plan has been run on this database yet, so it has no flags');
    const flags = chosenFlags(bound, journal, allMeant(options, names, action) ? 'all' : names);
    if (action === 'list') return list(output, bound, journal, flags);
    const reason = options.reason ?? `crossfade flags ${action}`;
    await switchFlags(store, bound, { off: action === 'disable', flags, reason, actor: operatorName() });
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
  return all || action === 'list' || process.env['npm_config_all'] === 'true';
}

function list(output: Output, bound: BoundPlan, journal: JournalState, wanted: readonly string[]): ExitCode {
  const flags = flagPlanOf(bound.plan, journal)
    .flags.filter(({ key }) => wanted.includes(key))
    .map(({ key: flag, killed, audiences }) => {
      return { flag, killed, audiences, rollout: rolloutOf(flag, bound, journal) };
    });
  output.data({ revision: journal.flagsRevision, digest: journal.flagsDigest, flags });
  const rows = flags.map(({ flag, killed, audiences, rollout }) => [
    flag,
    killed ? 'off (switched off)' : audienceText(audiences),
    rollout,
  ]);
  for (const row of columns(rows)) output.result(row);
  output.line(
    pc.dim(`Document revision ${journal.flagsRevision}, digest ${journal.flagsDigest.slice(0, 12)}`),
  );
  return exitCodes.ok;
}

/** The rollout that is at work on a flag just now, and what it waits for. */
function rolloutOf(flag: string, bound: BoundPlan, journal: JournalState): string {
  for (const { step, type } of bound.steps.values()) {
    const state = journal.run ? stepOf(journal.run, step.id) : undefined;
    if (state?.status === 'running' && type.references(step.config).flags.includes(flag)) {
      return `${step.id}: ${state.waitingFor ?? 'running'}`;
    }
  }
  return '';
}
