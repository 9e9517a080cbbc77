import { isStronger, keepsOutOf, type KeepsOut } from './lock-effects.ts';
import type { SeenLock } from './lock-observer.ts';

/** One kind of lock that a statement took, however often it was carried out. */
export interface HeldLock extends SeenLock {
  readonly keepsOut: KeepsOut;
  /** The transaction kept out as many by an earlier lock on the table: this one adds nothing. */
  readonly covered: boolean;
  /** From the beginning of the statement that took it to the end of the transaction. */
  readonly longestMs: number;
  readonly times: number;
}

/** A statement of the plan, however often it was carried out. */
export interface WatchedStatement {
  readonly text: string;
  readonly times: number;
  readonly tookMs: number;
  readonly locks: readonly HeldLock[];
}

interface Tally {
  readonly text: string;
  times: number;
  tookMs: number;
  readonly locks: Map<string, HeldLock>;
}

/** What was seen while one step was at work. Statements that took no lock on a table of the application's are kept too. */
export class LockRecord {
  readonly #statements = new Map<string, Tally>();

  took(text: string, tookMs: number): void {
    const tally = this.#tallyOf(text);
    tally.times += 1;
    tally.tookMs += tookMs;
  }

  held(text: string, lock: SeenLock, heldMs: number, covered = false): void {
    const { locks } = this.#tallyOf(text);
    const key = keyOf(lock);
    const before = locks.get(key);
    locks.set(key, {
      ...lock,
      keepsOut: keepsOutOf(lock.mode),
      covered: covered && (before?.covered ?? true),
      longestMs: Math.max(before?.longestMs ?? 0, heldMs),
      times: (before?.times ?? 0) + 1,
    });
  }

  statements(): readonly WatchedStatement[] {
    return [...this.#statements.values()].map(({ text, times, tookMs, locks }) => ({
      text,
      times,
      tookMs,
      locks: [...locks.values()].toSorted((a, b) => (isStronger(a.keepsOut, b.keepsOut) ? -1 : 1)),
    }));
  }

  #tallyOf(text: string): Tally {
    const known = this.#statements.get(text);
    if (known) return known;
    const tally: Tally = { text, times: 0, tookMs: 0, locks: new Map() };
    this.#statements.set(text, tally);
    return tally;
  }
}

export function keyOf({ table, index, mode }: SeenLock): string {
  return JSON.stringify([table, index, mode]);
}
