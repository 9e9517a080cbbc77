import type { AppendAnswer, AppendRequest, ControlStore, JournalEntry } from '@crossfade/engine';
import { createFlagEvaluator, type FlagEvaluator } from '@crossfade/flags';
import { keenPeople, otherPeople, raceFlags } from './promotion-plan.ts';

const people = [...keenPeople, ...otherPeople];
const members = new Map([['keen', new Set(keenPeople)]]);
const evaluators = new Map<string, FlagEvaluator>();

/** What a published document answers each of the people about a flag. */
function answersOf(document: string, flag: string): ReadonlyMap<string, unknown> {
  const evaluator = evaluators.get(document) ?? createFlagEvaluator(document, members);
  evaluators.set(document, evaluator);
  return new Map(
    people.map((targetingKey) => [targetingKey, evaluator.evaluate(flag, { targetingKey }).value]),
  );
}

/** Whom it does not tell that the flag is off: without an answer it is what the application's code has as its default. */
export function notOffFor(document: string, flag: string): readonly string[] {
  return [...answersOf(document, flag)].flatMap(([person, value]) => (value === false ? [] : [person]));
}

/** Told by the entries alone: a kill lasts until that flag is enabled. */
export function killedFlags(entries: readonly JournalEntry[]): ReadonlySet<string> {
  const killed = new Set<string>();
  for (const { event } of entries) {
    if (event.type === 'flag.killed') killed.add(event.flag);
    if (event.type === 'flag.enabled') killed.delete(event.flag);
  }
  return killed;
}

/** What a commit leaves behind that a kill forbids, in words. */
function violationsOf(entries: readonly JournalEntry[], document: string): readonly string[] {
  const killed = killedFlags(entries);
  return [...killed].flatMap((flag) => {
    const stillOn = notOffFor(document, flag);
    return stillOn.length === 0
      ? []
      : [`${flag} is killed, and on for ${stillOn.join(', ')} at entry ${entries.length}`];
  });
}

/** What was promoted although it was killed, in words. */
export function promotionsOfKilled(entries: readonly JournalEntry[]): readonly string[] {
  return entries.flatMap(({ event, seq }, at) => {
    if (event.type !== 'exposure.changed' || !killedFlags(entries.slice(0, at)).has(event.flag)) return [];
    return [`${event.flag} is promoted by entry ${seq} while it is killed`];
  });
}

/** A store that looks after each commit, before anybody else can go on, whether what is published heeds the kills. */
export function watchedCommits(inner: ControlStore, violations: string[]): ControlStore {
  return {
    ...inner,
    append: async (request: AppendRequest): Promise<AppendAnswer> => {
      const answer = await inner.append(request);
      const row = answer.status === 'appended' ? await inner.readFlagDocument() : undefined;
      if (row) violations.push(...violationsOf(await inner.readJournal(0), row.document));
      return answer;
    },
  };
}

/** Flags that are not killed must in the end be on for everybody. */
export function wrongInTheEnd(entries: readonly JournalEntry[], document: string): readonly string[] {
  const killed = killedFlags(entries);
  return raceFlags
    .filter(
      (flag) =>
        !killed.has(flag) && ![...answersOf(document, flag).values()].every((value) => value === true),
    )
    .map((flag) => `${flag} is not killed, and not on for everybody in the end`);
}
