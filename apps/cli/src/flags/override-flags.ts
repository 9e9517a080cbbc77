import { appendOperatorCommand } from '@crossfade/controller';
import type { BoundPlan, ControlStore, RunEvent } from '@crossfade/engine';
import { Refusal } from '../exit-codes.ts';

export interface FlagOverride {
  /** `reset`: as the plan says, again. */
  readonly action: 'on' | 'off' | 'reset';
  readonly flags: readonly string[];
  readonly person: string;
  readonly reason: string;
  readonly actor: string;
}

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** Decides flags for one person, whatever the plan says. What is so already is left alone. */
export async function overrideFlags(
  store: ControlStore,
  { plan }: BoundPlan,
  { action, flags, person, reason, actor }: FlagOverride,
): Promise<void> {
  await appendOperatorCommand({ store, plan }, (journal) =>
    flags
      .filter((flag) => decidedFor(person, journal.overrides[flag] ?? {}) !== action)
      .map((flag) => {
        const event: RunEvent =
          action === 'reset'
            ? { type: 'override.cleared', flag, targetingKey: person, reason }
            : { type: 'override.set', flag, targetingKey: person, value: action, reason };
        return { runId: journal.run?.runId ?? '', actor, event };
      }),
  );
}

/** An id may be any text, also the name of something that every object has. */
export function decidedFor(
  person: string,
  overrides: Readonly<Record<string, 'on' | 'off'>>,
): FlagOverride['action'] {
  return (Object.hasOwn(overrides, person) ? overrides[person] : undefined) ?? 'reset';
}

/**
 * The targeting key of a person as applications tell it: user ids are in lower case, as they are in segments.
 * @throws {Refusal} for what cannot be one.
 */
export function personGiven(text: string): string {
  const person = text.trim();
  if (!/^[\x21-\x7e]{1,200}$/.test(person)) {
    throw new Refusal(`--for ${JSON.stringify(text.slice(0, 60))}: expected a user id, in printable ASCII`);
  }
  return uuid.test(person) ? person.toLowerCase() : person;
}
