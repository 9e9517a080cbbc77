/** What is published at one moment. */
export interface FlagSnapshot {
  /** Grows with every publication; 0 is before the first. */
  readonly revision: number;
  /** flagd JSON. */
  readonly document: string;
  /** SHA-256 of the document, hex. */
  readonly digest: string;
  /** The targeting keys of each segment that the document asks for; others may be left out. */
  readonly segments: ReadonlyMap<string, ReadonlySet<string>>;
}

/** Where published flags come from. It reports through the listeners until it is stopped, and never throws. */
export interface FlagSource {
  /**
   * @param listener gets every publication, beginning with the newest.
   * @param onProblem is told that publications may be missed from now on.
   * @param onAnswer is told that the source is reached (again) and nothing is missed; `published: false` means that it
   *   knows of no publication at all.
   */
  start(
    listener: (snapshot: FlagSnapshot) => void,
    onProblem: (error: Error) => void,
    onAnswer?: (answer: { readonly published: boolean }) => void,
  ): void;
  /** After it resolves no listener is called any more. */
  stop(): Promise<void>;
}
