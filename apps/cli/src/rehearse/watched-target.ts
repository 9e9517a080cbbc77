import { systemClock } from '@crossfade/controller';
import type { QueryResult, Target, TargetConnection } from '@crossfade/engine';
import { isStronger, keepsOutOf } from './lock-effects.ts';
import type { LockObserver, SeenLock } from './lock-observer.ts';
import { keyOf, type LockRecord } from './lock-record.ts';

/** What a statement takes when it is carried out for the hundredth time, it took the first few times. */
const looksAtEach = 5;
/** Between two looks at a statement that runs by itself; at first one follows the other, for those that are over soon. */
const sampleEveryMs = 2;
const looksWithoutPause = 30;

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
        return await work({ ...connection, query: watch.query });
      }),
  };
}

interface OpenTransaction {
  readonly held: Map<string, Holding>;
  /** Spent on looking: time for which locks would not have been held. */
  lookedMs: number;
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
    this.#transaction = { held: new Map(), lookedMs: 0 };
    return await send();
  }

  async #end<T>(send: () => Promise<T>): Promise<T> {
    try {
      return await send();
    } finally {
      this.#release();
    }
  }

  #release(): void {
    const endedMs = performance.now();
    const { held, lookedMs } = this.#transaction ?? { held: new Map<string, Holding>(), lookedMs: 0 };
    this.#transaction = null;
    for (const { lock, text, sinceMs, lookedMsBefore, covered } of held.values())
      this.#record().held(text, lock, endedMs - sinceMs - (lookedMs - lookedMsBefore), covered);
  }

  async #within<T>(transaction: OpenTransaction, text: string, send: () => Promise<T>): Promise<T> {
    const sinceMs = performance.now();
    const lookedMsBefore = transaction.lookedMs;
    try {
      return await send();
    } finally {
      const doneMs = performance.now();
      this.#record().took(text, doneMs - sinceMs);
      for (const lock of await this.#look(text)) {
        const key = keyOf(lock);
        if (transaction.held.has(key)) continue;
        const covered = isCovered(lock, transaction);
        transaction.held.set(key, { lock, text, sinceMs, lookedMsBefore, covered });
      }
      transaction.lookedMs += performance.now() - doneMs;
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
    const sampling = this.#sample(startedMs);
    try {
      return await send();
    } finally {
      const tookMs = performance.now() - startedMs;
      this.#record().took(text, tookMs);
      for (const { lock, fromMs, toMs } of await sampling.stop())
        this.#record().held(text, lock, Math.min(tookMs, toMs - fromMs));
    }
  }

  /** Each lock from the look before it was first seen to the look after it was last seen: rather too long than too short. */
  #sample(startedMs: number): { stop(): Promise<Iterable<Seen>> } {
    const seen = new Map<string, Seen>();
    const over = new AbortController();
    const looking = this.#sampleUntil(over.signal, startedMs, seen);
    looking.catch(() => undefined); // Told to whoever stops it.
    return {
      stop: async () => {
        over.abort();
        await looking;
        return seen.values();
      },
    };
  }

  async #sampleUntil(over: AbortSignal, startedMs: number, seen: Map<string, Seen>): Promise<void> {
    let lastMs = startedMs;
    for (let looks = 0; !over.aborted; looks += 1) {
      const locks = await this.#observer.locksOf(this.#pid);
      const nowMs = performance.now();
      // Of an index that is built or dropped CONCURRENTLY nobody makes use meanwhile.
      for (const lock of locks.filter(({ index }) => index === null)) {
        const fromMs = seen.get(keyOf(lock))?.fromMs ?? lastMs;
        seen.set(keyOf(lock), { lock, fromMs, toMs: nowMs + sampleEveryMs });
      }
      lastMs = nowMs;
      if (looks >= looksWithoutPause) await systemClock.sleep(sampleEveryMs, neverAborted);
    }
  }
}

const neverAborted = new AbortController().signal;

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

interface Seen {
  readonly lock: SeenLock;
  readonly fromMs: number;
  readonly toMs: number;
}

/** Without the time limits that a step sends along in the same message. */
function ownText(text: string): string {
  return text.replace(/^\s*(?:set local \w+ = [^;]*;\s*)+/i, '').trim();
}
