import { appendOperatorCommand, flagPlanOf } from '@crossfade/controller';
import type { BoundPlan, ControlStore, JournalState } from '@crossfade/engine';
import { expectedWord } from '../argument.ts';
import { Refusal } from '../exit-codes.ts';

export interface FlagSwitch {
  readonly off: boolean;
  readonly flags: readonly string[];
  readonly reason: string;
  readonly actor: string;
}

/** The kill switch: what is off for everybody stays so until it is released. Those that are so already are left alone. */
export async function switchFlags(
  store: ControlStore,
  { plan }: BoundPlan,
  { off, flags, reason, actor }: FlagSwitch,
): Promise<void> {
  await appendOperatorCommand({ store, plan }, (journal) =>
    flags
      .filter((flag) => journal.killedFlags.includes(flag) !== off)
      .map((flag) => ({
        runId: journal.run?.runId ?? '',
        actor,
        event: { type: off ? 'flag.killed' : 'flag.enabled', flag, reason },
      })),
  );
}

/**
 * Of the plan's flags and those that earlier plans have left open: the kill switch works for those too.
 * @throws {Refusal} for a name that none of them has, or no name at all.
 */
export function chosenFlags(
  bound: BoundPlan,
  journal: JournalState,
  names: readonly string[] | 'all',
): readonly string[] {
  const known = flagPlanOf(bound.plan, journal).flags.map(({ key }) => key);
  if (names === 'all') return known;
  if (names.length === 0) throw new Refusal(`name the flags (${known.join(', ')}), or say --all`);
  const unknown = names.find((name) => !known.includes(name));
  if (unknown !== undefined)
    throw new Refusal(`the plan has no flag ${unknown}: ${expectedWord(unknown, known)}`);
  return [...new Set(names)];
}
