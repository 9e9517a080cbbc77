/**
 * MurmurHash3_x86_32 with seed 0 of a text of ASCII letters (Austin Appleby, public domain), as an unsigned integer; -1 for
 * a text with other letters, which flagd's implementations hash differently in different languages.
 */
export function murmurHash(text: string): number {
  let hash = 0;
  const wholeBlocks = text.length & ~3;
  for (let at = 0; at < wholeBlocks; at += 4) {
    const a = text.charCodeAt(at);
    const b = text.charCodeAt(at + 1);
    const c = text.charCodeAt(at + 2);
    const d = text.charCodeAt(at + 3);
    if ((a | b | c | d) > 0x7f) return -1;
    hash ^= scramble(a | (b << 8) | (c << 16) | (d << 24));
    hash = (hash << 13) | (hash >>> 19);
    hash = (Math.imul(hash, 5) + 0xe6546b64) | 0;
  }
  let rest = 0;
  for (let at = text.length - 1; at >= wholeBlocks; at -= 1) {
    const letter = text.charCodeAt(at);
    if (letter > 0x7f) return -1;
    rest = (rest << 8) | letter;
  }
  hash ^= scramble(rest) ^ text.length;
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}

function scramble(block: number): number {
  const mixed = Math.imul(block, 0xcc9e2d51);
  return Math.imul((mixed << 15) | (mixed >>> 17), 0x1b873593);
}
