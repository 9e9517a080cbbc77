import { createFlagEvaluator } from '@crossfade/flags';
import type { ControlStore, JournalState, Membership } from '@crossfade/engine';
import { isoTime } from '../report/iso-time.ts';
import { decidedFor } from './override-flags.ts';

/** What one flag answers somebody, and why. */
interface FlagOfPerson {
  readonly flag: string;
  readonly value: unknown;
  readonly variant: string | null;
  readonly why: string;
}

export interface FlagsOfPerson {
  readonly memberships: readonly Membership[];
  readonly flags: readonly FlagOfPerson[];
}

/** As an application would be answered, from the document that is published now. */
export async function flagsOfPerson(
  store: ControlStore,
  journal: JournalState,
  person: string,
  flags: readonly string[],
): Promise<FlagsOfPerson> {
  const published = await store.readFlagDocument();
  const memberships = await store.readMemberships(person);
  const members = new Map(memberships.map(({ segment }) => [segment, new Set([person])]));
  const evaluator = published && createFlagEvaluator(published.document, members);
  const answers = flags.map((flag): FlagOfPerson => {
    const { value, variant } = evaluator?.evaluate(flag, { targetingKey: person }) ?? {};
    return {
      flag,
      value: value ?? null,
      variant: variant ?? null,
      why: reasonOf(flag, person, variant, journal),
    };
  });
  return { memberships, flags: answers };
}

function reasonOf(flag: string, person: string, variant: string | undefined, journal: JournalState): string {
  if (variant === undefined) return 'not published: the application uses its own default';
  if (journal.killedFlags.includes(flag)) return 'switched off for everybody by an operator';
  const override = decidedFor(person, journal.overrides[flag] ?? {});
  if (override === variant) return `switched ${override} for this person by an operator`;
  if (override !== 'reset') return `switched ${override} for this person, once the flag is open to anybody`;
  if (variant === 'control') return 'held back, to compare the others with';
  return variant === 'on' ? 'let in by the plan' : 'not let in yet';
}

/** "power_users since 2026-02-03T09:00:00Z, active_users" */
export function membershipText(memberships: readonly Membership[]): string {
  if (memberships.length === 0) return 'no segment';
  return memberships
    .map(({ segment, sinceMs }) => (sinceMs === null ? segment : `${segment} since ${isoTime(sinceMs)}`))
    .join(', ');
}
