const readyForQuery = 'Z'.charCodeAt(0);
const inTransaction = new Set(['T'.charCodeAt(0), 'E'.charCodeAt(0)]);

/** Follows what a server sends, without keeping it: whether an answer has come to its end, and in which state it left the session. */
export class BackendReader {
  /** Whether the session is in a transaction, also in a failed one. */
  inTransaction = false;
  #head = Buffer.alloc(0);
  #toSkip = 0;

  /** Returns how many answers have come to their end within the chunk. */
  read(chunk: Buffer): number {
    let ends = 0;
    let at = 0;
    while (at < chunk.length) {
      if (this.#toSkip > 0) {
        const skipped = Math.min(this.#toSkip, chunk.length - at);
        this.#toSkip -= skipped;
        at += skipped;
        continue;
      }
      // Type, length, and the one byte after them that matters for us.
      const wanted =
        this.#head[0] === readyForQuery || (this.#head.length === 0 && chunk[at] === readyForQuery) ? 6 : 5;
      const taken = chunk.subarray(at, at + wanted - this.#head.length);
      this.#head = Buffer.concat([this.#head, taken]);
      at += taken.length;
      if (this.#head.length < wanted) break;
      if (wanted === 6) {
        ends += 1;
        this.inTransaction = inTransaction.has(this.#head[5] ?? 0);
      }
      this.#toSkip = this.#head.readInt32BE(1) + 1 - wanted;
      this.#head = Buffer.alloc(0);
    }
    return ends;
  }
}
