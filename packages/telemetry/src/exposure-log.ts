/** One answer that somebody got, and when, by this process's own clock. */
export interface NotedExposure {
  readonly flag: string;
  readonly variant: string;
  readonly person: string;
  readonly revision: number;
  readonly atMs: number;
}

/** Who was answered what, each once for a revision of the flags. */
export interface ExposureLog {
  note(exposure: NotedExposure): void;
  /** What is new since the last call. */
  take(): readonly NotedExposure[];
  /** How many had no room since the last call. */
  takeDropped(): number;
}

/**
 * Remembers whom it has noted, up to `mostKnown`, and then begins anew: something is told twice, which does no harm. What waits to
 * be taken has room for `mostWaiting`; what has none is forgotten, so that it is noted when it comes again.
 */
export function exposureLog({
  mostKnown = 200_000,
  mostWaiting = 50_000,
}: {
  readonly mostKnown?: number;
  readonly mostWaiting?: number;
} = {}): ExposureLog {
  let known = new Set<string>();
  let revisionKnown = -1;
  let waiting: NotedExposure[] = [];
  let dropped = 0;
  return {
    note(exposure) {
      const { flag, variant, person, revision } = exposure;
      if (revision !== revisionKnown || known.size >= mostKnown) known = new Set();
      revisionKnown = revision;
      const key = `${flag}\n${variant}\n${person}`;
      if (known.has(key)) return;
      if (waiting.length >= mostWaiting) {
        dropped += 1;
        return;
      }
      known.add(key);
      waiting.push(exposure);
    },
    take() {
      const taken = waiting;
      waiting = [];
      return taken;
    },
    takeDropped() {
      const taken = dropped;
      dropped = 0;
      return taken;
    },
  };
}
