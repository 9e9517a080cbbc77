import type { JsonValue } from '@openfeature/core';

/** What one flag answers somebody. Without a value, the default in the page's code is meant. */
export interface GivenAnswer {
  readonly value?: JsonValue;
  readonly variant?: string;
  readonly reason?: string;
  readonly errorCode?: string;
  readonly errorDetails?: string;
}

/** All flags of one person, as they were answered at once. */
export interface Answers {
  readonly flags: ReadonlyMap<string, GivenAnswer>;
  /** By which it is asked whether something has changed since. */
  readonly tag: string | null;
}

/** The keys of the flags that answer something else than before. */
export function changedAnswers(before: Answers | undefined, after: Answers | undefined): string[] {
  const [old, now] = [
    before?.flags ?? new Map<string, GivenAnswer>(),
    after?.flags ?? new Map<string, GivenAnswer>(),
  ];
  return [...new Set([...old.keys(), ...now.keys()])].filter((key) => !areSame(old.get(key), now.get(key)));
}

function areSame(one: GivenAnswer | undefined, other: GivenAnswer | undefined): boolean {
  return (
    one?.variant === other?.variant &&
    one?.errorCode === other?.errorCode &&
    JSON.stringify(one?.value) === JSON.stringify(other?.value)
  );
}

/**
 * Reads the flags of a bulk answer of OFREP, or of what was kept of one.
 * @throws {Error} for what is not a list of flags.
 */
export function readFlags(found: unknown): ReadonlyMap<string, GivenAnswer> {
  if (!Array.isArray(found)) throw new Error(`expected a list of flags, found ${shown(found)}`);
  return new Map(found.map((flag: unknown) => readFlag(flag)));
}

function readFlag(found: unknown): [string, GivenAnswer] {
  const flag = (typeof found === 'object' && found !== null ? found : {}) as Record<string, unknown>;
  const { key, value } = flag;
  if (typeof key !== 'string') throw new Error(`expected a flag with its key, found ${shown(found)}`);
  const answer: Record<string, unknown> = {};
  for (const name of ['variant', 'reason', 'errorCode', 'errorDetails'] as const) {
    if (typeof flag[name] === 'string') answer[name] = flag[name];
  }
  return [key, value === undefined || value === null ? answer : { ...answer, value: value as JsonValue }];
}

function shown(found: unknown): string {
  return found === undefined ? 'nothing' : JSON.stringify(found).slice(0, 100);
}
