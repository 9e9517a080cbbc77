/**
 * MurmurHash3_x86_32 with seed 0 of a text of ASCII letters (Austin Appleby, public domain), as an unsigned integer; -1 for
 * a text with other letters, which flagd's implementations hash differently in different languages.
 */
export function murmurHash(text: string): number {
  return finish(text, 0, 0, text.length);
}

/** The hash of the prefix with a text behind it, without putting the two together. */
export type PrefixHash = (text: string) => number;

const made = new Map<string, PrefixHash>();
const mostMade = 1_000;

/**
 * What all texts with this prefix have in common is hashed once; and the last text again at no cost, since whoever is asked about
 * one flag of a plan is asked about all of them.
 */
export function murmurHashAfter(prefix: string): PrefixHash {
  const known = made.get(prefix);
  if (known !== undefined) return known;
  const hash = remembering(hashAfter(prefix));
  // Prefixes are names of plans: that there are so many means that somebody makes them up.
  if (made.size >= mostMade) made.clear();
  made.set(prefix, hash);
  return hash;
}

function remembering(hash: PrefixHash): PrefixHash {
  let lastText = '';
  let lastHash = hash('');
  return (text) => {
    if (text === lastText) return lastHash;
    lastText = text;
    lastHash = hash(text);
    return lastHash;
  };
}

function hashAfter(prefix: string): PrefixHash {
  const whole = prefix.length & ~3;
  const rest = prefix.slice(whole);
  let state = 0;
  for (let at = 0; at < whole; at += 4) {
    const block = blockAt(prefix, at);
    if (block === -1) return () => -1;
    state = mix(state, block);
  }
  if (rest === '') return (text) => finish(text, 0, state, prefix.length + text.length);
  const missing = 4 - rest.length;
  return (text) => {
    if (text.length < missing) return finish(rest + text, 0, state, prefix.length + text.length);
    const first = blockAt(rest + text.slice(0, missing), 0);
    return first === -1 ? -1 : finish(text, missing, mix(state, first), prefix.length + text.length);
  };
}

/** Of the text from a place on, after what was mixed before. */
function finish(text: string, from: number, state: number, length: number): number {
  let hash = state;
  const end = from + ((text.length - from) & ~3);
  for (let at = from; at < end; at += 4) {
    const a = text.charCodeAt(at);
    const b = text.charCodeAt(at + 1);
    const c = text.charCodeAt(at + 2);
    const d = text.charCodeAt(at + 3);
    if ((a | b | c | d) > 0x7f) return -1;
    hash = mix(hash, a | (b << 8) | (c << 16) | (d << 24));
  }
  let rest = 0;
  for (let at = text.length - 1; at >= end; at -= 1) {
    const letter = text.charCodeAt(at);
    if (letter > 0x7f) return -1;
    rest = (rest << 8) | letter;
  }
  hash ^= scramble(rest) ^ length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

/** Four letters as one number; -1 where one of them is not ASCII, which no four letters are. */
function blockAt(text: string, at: number): number {
  const [a, b, c, d] = [0, 1, 2, 3].map((place) => text.charCodeAt(at + place)) as [
    number,
    number,
    number,
    number,
  ];
  return (a | b | c | d) > 0x7f ? -1 : a | (b << 8) | (c << 16) | (d << 24);
}

function mix(state: number, block: number): number {
  const mixed = state ^ scramble(block);
  return (Math.imul((mixed << 13) | (mixed >>> 19), 5) + 0xe6546b64) | 0;
}

function scramble(block: number): number {
  const mixed = Math.imul(block, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}
