/** What people talk about, as patterns (see `fill`). */
export type Topic = {
  /** What belongs together: whoever begins with one of the openings is answered by one of the exchanges beside it. */
  matters: readonly Matter[];
  /** How it ends; anybody may say it. */
  endings: readonly string[];
  /** What anybody may throw in. */
  asides: readonly string[];
  /** Words for slots that only this topic has. */
  words?: Readonly<Record<string, readonly string[]>>;
  /** The hours of the day at which this comes up; absent: at any. */
  hours?: { from: number; to: number };
};

export type Matter = {
  openings: readonly string[];
  /** Turns between somebody else (first, third …) and whoever began (second, fourth …). */
  exchanges: readonly (readonly string[])[];
  /** Instead of the topic’s. */
  endings?: readonly string[];
};
