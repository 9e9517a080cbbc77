import type { QueryResult, Target, TargetConnection } from '@crossfade/engine';
import { isStronger, keepsOutOf } from './lock-effects.ts';
import type { LockObserver, SeenLock } from './lock-observer.ts';
import { keyOf, type LockRecord } from './lock-record.ts';
import { sampleLocks } from './sample-locks.ts';

/** What a statement takes when it is carried out for the hundredth time, it took the first few times. */
const looksAtEach = 5;
const whileAlone = { afterMs: 0, withoutPause: 30, everyMs: 2 };
/** A statement that fails has given its locks back by the time we hear of it; one that is over soon kept nobody waiting. */
const inCaseItFails = { afterMs: 10, withoutPause: 0, everyMs: 20 };

/**
 * A target that records the locks of all that is done through it. In a transaction it looks after each statement: locks are held
 * until its end, so that nothing is missed. A statement that runs by itself, such as one with CONCURRENTLY, takes and gives back
 * locks as it goes on: it is looked at every few ms.
 */
export function watchedTarget(target: Target, observer: LockObserver, record: () => LockRecord): Target {
  return {
    withConnection: async (options, work) =>
      await target.withConnection(options, async (connection) => {
        const { rows } = await connection.query<{ pid: number }>('select pg_backend_pid() as pid');
        const watch = new ConnectionWatch(connection, rows[0]?.pid ?? 0, observer, record);
        try {
          return await work({ ...connection, query: watch.query });
        } finally {
          watch.release();
        }
      }),
  };
}

interface OpenTransaction {
  readonly held: Map<string, Holding>;
  /** Spent on looking: time for which locks would not have been held. */
  lookedMs: number;
  /** When a statement failed: all locks were given back then. */
  failedMs: number | null;
}

interface Holding {
  readonly lock: SeenLock;
  readonly text: string;
  readonly sinceMs: number;
  readonly lookedMsBefore: number;
  readonly covered: boolean;
}

class ConnectionWatch {
  readonly #connection: TargetConnection;
  readonly #pid: number;
  readonly #observer: LockObserver;
  readonly #record: () => LockRecord;
  readonly #looks = new Map<string, { count: number; found: readonly SeenLock[] }>();
  #transaction: OpenTransaction | null = null;

  constructor(connection: TargetConnection, pid: number, observer: LockObserver, record: () => LockRecord) {
    this.#connection = connection;
    this.#pid = pid;
    this.#observer = observer;
    this.#record = record;
  }

  readonly query = async <Row extends object>(
    text: string,
    parameters?: readonly unknown[],
  ): Promise<QueryResult<Row>> => {
    const send = async () => await this.#connection.query<Row>(text, parameters);
    if (/^\s*begin\b/i.test(text)) return await this.#begin(send);
    if (/^\s*(commit|rollback)\s*$/i.test(text)) return await this.#end(send);
    const own = ownText(text);
    if (this.#transaction) return await this.#within(this.#transaction, own, send);
    return /^select\b/i.test(own) ? await send() : await this.#alone(own, send);
  };

  async #begin<T>(send: () => Promise<T>): Promise<T> {
    this.#transaction = { held: new Map(), lookedMs: 0, failedMs: null };
    return await send();
  }

  async #end<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } finally {
      this.release();
    }
  }

  /** The transaction is over, or the connection with it. */
  release(): void {
    const transaction = this.#transaction;
    this.#transaction = null;
    if (!transaction) return;
    const { held, lookedMs, failedMs } = transaction;
    const endedMs = failedMs ?? performance.now();
    for (const { lock, text, sinceMs, lookedMsBefore, covered } of held.values())
      this.#record().held(text, lock, endedMs - sinceMs - (lookedMs - lookedMsBefore), covered);
  }

  async #within<T>(transaction: OpenTransaction, text: string, send: () => Promise<T>): Promise<T> {
    const sinceMs = performance.now();
    const lookedMsBefore = transaction.lookedMs;
    const sampling = sampleLocks(this.#observer, this.#pid, inCaseItFails);
    const take = (locks: readonly SeenLock[]): void => {
      for (const lock of locks) {
        const covered = isCovered(lock, transaction);
        const key = keyOf(lock);
        if (!transaction.held.has(key))
          transaction.held.set(key, { lock, text, sinceMs, lookedMsBefore, covered });
      }
    };
    try {
      const answer = await send();
      const doneMs = performance.now();
      this.#record().took(text, doneMs - sinceMs);
      await sampling.stop();
      take(await this.#look(text));
      transaction.lookedMs += performance.now() - doneMs;
      return answer;
    } catch (error) {
      transaction.failedMs ??= performance.now();
      this.#record().took(text, transaction.failedMs - sinceMs);
      take((await sampling.stop()).map(({ lock }) => lock).toSorted(strongestFirst));
      throw error;
    }
  }

  async #look(text: string): Promise<readonly SeenLock[]> {
    const before = this.#looks.get(text);
    if (before && before.count >= looksAtEach) return before.found;
    const found = (await this.#observer.locksOf(this.#pid)).toSorted(strongestFirst);
    this.#looks.set(text, { count: (before?.count ?? 0) + 1, found });
    return found;
  }

  async #alone<T>(text: string, send: () => Promise<T>): Promise<T> {
    const startedMs = performance.now();
    const sampling = sampleLocks(this.#observer, this.#pid, whileAlone);
    try {
      return await send();
    } finally {
      const tookMs = performance.now() - startedMs;
      this.#record().took(text, tookMs);
      for (const { lock, fromMs, toMs } of await sampling.stop()) {
        // Of an index that is built or dropped CONCURRENTLY nobody makes use meanwhile.
        if (lock.index === null) this.#record().held(text, lock, Math.min(tookMs, toMs - fromMs));
      }
    }
  }
}

/** A table before its indexes: whoever is kept from it does not come to them. */
function strongestFirst(one: SeenLock, other: SeenLock): number {
  const [a, b] = [keepsOutOf(one.mode), keepsOutOf(other.mode)];
  if (a !== b) return isStronger(a, b) ? -1 : 1;
  return Number(one.index !== null) - Number(other.index !== null);
}

function isCovered(lock: SeenLock, { held }: OpenTransaction): boolean {
  const keepsOut = keepsOutOf(lock.mode);
  return [...held.values()].some(
    ({ lock: { table, index, mode } }) =>
      table === lock.table && index === null && !isStronger(keepsOut, keepsOutOf(mode)),
  );
}

/** Without the time limits that a step sends along in the same message. */
function ownText(text: string): string {
  return text.replace(/^\s*(?:set local \w+ = [^;]*;\s*)+/i, '').trim();
}
