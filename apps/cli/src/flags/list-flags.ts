import { flagPlanOf } from '@crossfade/controller';
import { stepOf, type BoundPlan, type JournalState } from '@crossfade/engine';
import pc from 'picocolors';
import { audienceText } from '../audience-text.ts';
import { columns } from '../columns.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';

/** Who has each flag now, and which rollout is at work on it. */
export function listFlags(
  output: Output,
  bound: BoundPlan,
  journal: JournalState,
  wanted: readonly string[],
): ExitCode {
  const flags = flagPlanOf(bound.plan, journal)
    .flags.filter(({ key }) => wanted.includes(key))
    .map(({ key: flag, killed, audiences }) => {
      const people = journal.overrides[flag] ?? {};
      return { flag, killed, audiences, overrides: people, rollout: rolloutOf(flag, bound, journal) };
    });
  output.data({ revision: journal.flagsRevision, digest: journal.flagsDigest, flags });
  const rows = flags.map(({ flag, killed, audiences, overrides: people, rollout }) => [
    flag,
    killed ? 'off (switched off)' : `${audienceText(audiences)}${overrideText(people)}`,
    rollout,
  ]);
  for (const row of columns(rows)) output.result(row);
  output.line(
    pc.dim(`Document revision ${journal.flagsRevision}, digest ${journal.flagsDigest.slice(0, 12)}`),
  );
  return exitCodes.ok;
}

/** ", and 2 people by hand" */
function overrideText(people: Readonly<Record<string, string>>): string {
  const { length } = Object.keys(people);
  if (length === 0) return '';
  return ` (${length === 1 ? '1 person' : `${length} people`} by hand)`;
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
