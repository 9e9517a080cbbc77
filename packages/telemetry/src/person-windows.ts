/** The requests of one window in which a flag was answered with one variant, person by person. */
export interface ClosedWindow {
  readonly flag: string;
  readonly variant: string;
  readonly lengthMs: number;
  readonly endedAtMs: number;
  readonly people: readonly string[];
  readonly requests: readonly number[];
  readonly failed: readonly number[];
  readonly slow: readonly number[];
}

interface RequestOutcome {
  readonly failed: boolean;
  readonly slow: boolean;
}

/** Sums up requests by flag, variant and person: judgements are made about people, not about requests. */
export interface PersonWindows {
  count(flag: string, variant: string, person: string, outcome: RequestOutcome): void;
  /** Ends the window and begins the next one. */
  close(nowMs: number): readonly ClosedWindow[];
  takeDropped(): number;
}

interface Tally {
  requests: number;
  failed: number;
  slow: number;
}

/** @param mostPeople of each flag and variant in one window; requests of others are not summed up. */
export function personWindows(startedAtMs: number, mostPeople = 50_000): PersonWindows {
  let begunAtMs = startedAtMs;
  let tallies = new Map<string, Map<string, Tally>>();
  let dropped = 0;

  function tallyOf(flag: string, variant: string, person: string): Tally | undefined {
    const key = `${flag}\n${variant}`;
    const people = tallies.get(key) ?? new Map<string, Tally>();
    tallies.set(key, people);
    const known = people.get(person);
    if (known !== undefined || people.size >= mostPeople) return known;
    const tally: Tally = { requests: 0, failed: 0, slow: 0 };
    people.set(person, tally);
    return tally;
  }

  return {
    count(flag, variant, person, { failed, slow }) {
      const tally = tallyOf(flag, variant, person);
      if (tally === undefined) {
        dropped += 1;
        return;
      }
      tally.requests += 1;
      tally.failed += Number(failed);
      tally.slow += Number(slow);
    },
    close(nowMs) {
      const lengthMs = Math.max(1, nowMs - begunAtMs);
      const closed = [...tallies].map(([key, people]): ClosedWindow => {
        const [flag = '', variant = ''] = key.split('\n');
        const sums = [...people.values()];
        return {
          flag,
          variant,
          lengthMs,
          endedAtMs: nowMs,
          people: [...people.keys()],
          requests: sums.map(({ requests }) => requests),
          failed: sums.map(({ failed }) => failed),
          slow: sums.map(({ slow }) => slow),
        };
      });
      begunAtMs = nowMs;
      tallies = new Map();
      return closed;
    },
    takeDropped() {
      const taken = dropped;
      dropped = 0;
      return taken;
    },
  };
}
