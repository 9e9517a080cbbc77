/** A statement that makes something final, as it passes the proxy. */
type PassingWrite = {
  /** Counted from 1 over all connections, in the order in which they arrive. */
  readonly number: number;
  readonly sql: string;
};

/** `drop`: neither side hears of the other any more, on any connection. */
type Verdict = 'go on' | 'drop';
/** What becomes of a write; `whenAnswered` is asked when the server has answered and the client has not heard of it yet. */
export type WriteDecision = Verdict | { readonly whenAnswered: () => Promise<Verdict> | Verdict };
export type WriteAction = (write: PassingWrite) => Promise<WriteDecision> | WriteDecision;

/** Counts the writes of all connections, and asks whoever watches what is to become of each. */
export class WriteWatch {
  count = 0;
  readonly #watchers = new Set<WriteAction>();

  /** Returns how to stop watching. */
  watch(act: WriteAction): () => void {
    this.#watchers.add(act);
    return () => void this.#watchers.delete(act);
  }

  /** Counts one more. The first who wants something else than that it goes on decides. */
  async next(sql: string): Promise<WriteDecision> {
    this.count += 1;
    const write = { number: this.count, sql };
    for (const act of this.#watchers) {
      const decision = await act(write);
      if (decision !== 'go on') return decision;
    }
    return 'go on';
  }
}
