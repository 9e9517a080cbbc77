import { appendOperatorCommand, flagPlanOf } from '@crossfade/controller';
import type { BoundPlan, ControlStore, JournalEntry, JournalState } from '@crossfade/engine';
import { expectedWord } from '../argument.ts';
import { Refusal } from '../exit-codes.ts';

export interface FlagSwitch {
  readonly off: boolean;
  readonly flags: readonly string[];
  readonly reason: string;
  readonly actor: string;
}

/**
 * The kill switch: what is off for everybody stays so until it is released. Those that are so already are left alone, but that
 * another operator wants one off as well is journalled: whoever would release only what they switched off themselves can tell.
 */
export async function switchFlags(
  store: ControlStore,
  { plan }: BoundPlan,
  { off, flags, reason, actor }: FlagSwitch,
): Promise<void> {
  await appendOperatorCommand({ store, plan }, (journal, entries) =>
    flags
      .filter((flag) => {
        const isOff = journal.killedFlags.includes(flag);
        return isOff !== off || (isOff && newestKill(entries, flag)?.actor !== actor);
      })
      .map((flag) => ({
        runId: journal.run?.runId ?? '',
        actor,
        event: { type: off ? 'flag.killed' : 'flag.enabled', flag, reason },
      })),
  );
}

/** Who last wanted this flag off, and why; it may have been released since. */
export function newestKill(
  entries: readonly JournalEntry[],
  flag: string,
): { readonly actor: string; readonly reason: string } | undefined {
  const newest = entries.findLast(({ event }) => event.type === 'flag.killed' && event.flag === flag);
  return newest?.event.type === 'flag.killed'
    ? { actor: newest.actor, reason: newest.event.reason }
    : undefined;
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
