import { flagPlanOf } from '@crossfade/controller';
import type { BoundPlan, ControlStore, JournalState } from '@crossfade/engine';
import pc from 'picocolors';
import { columns } from '../columns.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { flagsOfPerson, membershipText } from './flags-of-person.ts';

interface ForOne {
  readonly person: string;
  readonly flags: readonly string[];
}

/** What was done for one person, and what it does not change. */
export function tellOverride(
  output: Output,
  { plan }: BoundPlan,
  journal: JournalState,
  { action, person, flags }: ForOne & { readonly action: 'on' | 'off' | 'reset' },
): ExitCode {
  output.data({ action, person, flags });
  const now = action === 'reset' ? 'follows the plan again' : action;
  output.result(`${pc.green('✔')} ${flags.join(', ')}: ${now} for ${person}.`);
  const killed = flags.filter((flag) => journal.killedFlags.includes(flag));
  if (action === 'on' && killed.length > 0) {
    output.warn(
      `${killed.join(', ')}: switched off for everybody, so for this person too, until it is enabled`,
    );
  }
  const open = flagPlanOf(plan, journal).flags.filter(({ audiences }) =>
    audiences.some(({ percentage }) => percentage > 0),
  );
  const closed = flags.filter((flag) => !killed.includes(flag) && !open.some(({ key }) => key === flag));
  if (action === 'on' && closed.length > 0) {
    output.warn(`${closed.join(', ')}: open to nobody now, so for this person too, until the plan opens it`);
  }
  return exitCodes.ok;
}

/** What one person has, and why. */
export async function listForPerson(
  output: Output,
  store: ControlStore,
  journal: JournalState,
  { person, flags }: ForOne,
): Promise<ExitCode> {
  const told = await flagsOfPerson(store, journal, person, flags);
  output.data({ person, revision: journal.flagsRevision, ...told });
  const rows = told.flags.map(({ flag, variant, why }) => [flag, variant ?? '–', pc.dim(why)]);
  for (const row of columns(rows)) output.result(row);
  output.line(pc.dim(`${person} is in ${membershipText(told.memberships)}`));
  return exitCodes.ok;
}
