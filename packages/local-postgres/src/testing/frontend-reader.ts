/** One whole message of a Postgres client, as it goes over the wire. */
export type FrontendMessage = {
  readonly bytes: Buffer;
  /** The SQL text that the server begins to execute on this message; none for everything else. */
  readonly executes: string | undefined;
};

/** The first messages have no type byte: length and one of these codes, or the protocol version. */
const requestsBeforeStartUp = new Set([80_877_102, 80_877_103, 80_877_104]); // cancel, SSL, GSS

/** Cuts what a client sends into its messages and follows what it has prepared. A message cut off by the end is dropped. */
export class FrontendReader {
  #rest: Buffer = Buffer.alloc(0);
  #started = false;
  readonly #statements = new Map<string, string>();
  readonly #portals = new Map<string, string>();

  read(chunk: Buffer): readonly FrontendMessage[] {
    this.#rest = this.#rest.length === 0 ? chunk : Buffer.concat([this.#rest, chunk]);
    const messages: FrontendMessage[] = [];
    for (;;) {
      const length = this.#nextLength();
      if (length === undefined || this.#rest.length < length) return messages;
      const bytes = this.#rest.subarray(0, length);
      this.#rest = this.#rest.subarray(length);
      messages.push({ bytes, executes: this.#started ? this.#follow(bytes) : this.#startUp(bytes) });
    }
  }

  #nextLength(): number | undefined {
    const typeBytes = this.#started ? 1 : 0;
    return this.#rest.length < typeBytes + 4 ? undefined : typeBytes + this.#rest.readInt32BE(typeBytes);
  }

  #startUp(bytes: Buffer): undefined {
    this.#started = !requestsBeforeStartUp.has(bytes.readInt32BE(4));
  }

  #follow(bytes: Buffer): string | undefined {
    const [first = '', second = ''] = texts(bytes);
    switch (String.fromCharCode(bytes[0] ?? 0)) {
      case 'Q':
        return first;
      case 'P':
        this.#statements.set(first, second);
        return undefined;
      case 'B':
        this.#portals.set(first, this.#statements.get(second) ?? '');
        return undefined;
      case 'E':
        return this.#portals.get(first);
      default:
        return undefined;
    }
  }
}

/** The first two NUL-ended texts of a message's body. */
function texts(bytes: Buffer): readonly string[] {
  const found: string[] = [];
  let from = 5;
  while (found.length < 2) {
    const end = bytes.indexOf(0, from);
    if (end < 0) break;
    found.push(bytes.toString('utf8', from, end));
    from = end + 1;
  }
  return found;
}
