import type { FlagSnapshot } from './flag-source.ts';

type Segments = FlagSnapshot['segments'];

/** A request's header by which it is said whose members are known; the tag is percent-encoded in it. */
export const membersHeader = 'x-crossfade-members';

const made = new WeakMap<Segments, string>();

/**
 * Two snapshots with the same tag have the same people in their segments. People are only ever added, so that how many there are
 * says who they are; the first and the last of them by name tell one database from another. By this a relay need not send a
 * million people whenever a flag is switched.
 */
export function membersTag(segments: Segments): string {
  const known = made.get(segments);
  if (known !== undefined) return known;
  const facts = [...segments].map(
    ([segment, members]) => [segment, members.size, ...endsOf(members)] as const,
  );
  const tag = JSON.stringify(facts.toSorted(([a], [b]) => (a < b ? -1 : 1)));
  made.set(segments, tag);
  return tag;
}

function endsOf(members: ReadonlySet<string>): [first: string, last: string] {
  let [first = ''] = members;
  let last = first;
  for (const key of members) {
    if (key < first) first = key;
    if (key > last) last = key;
  }
  return [first, last];
}
