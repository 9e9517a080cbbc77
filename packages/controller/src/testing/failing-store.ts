import type { AppendAnswer, AppendRequest, ControlStore } from '@crossfade/engine';

/** A process's view of a store that it can lose for good, as a killed process does. */
export interface LosableStore {
  readonly store: ControlStore;
  readonly lose: () => void;
  /** From now on calls neither answer nor fail, as over a half-open connection. */
  readonly hang: () => void;
}

export type CrashPoint = { readonly append: number; readonly when: 'before' | 'after' };

/** Lost when told to, or right before or right after the append of the given number. */
export function losableStore(inner: ControlStore, crash?: CrashPoint): LosableStore {
  let lost = false;
  let hangs = false;
  let appends = 0;
  const reach = async <T>(call: () => Promise<T>): Promise<T> => {
    if (hangs) await new Promise(() => undefined);
    if (lost) throw new Error('the database cannot be reached');
    return await call();
  };
  async function append(request: AppendRequest): Promise<AppendAnswer> {
    appends += 1;
    const crashesNow = crash?.append === appends;
    if (crashesNow && crash.when === 'before') lost = true;
    const answer = await reach(async () => await inner.append(request));
    if (crashesNow) lost = true;
    return await reach(async () => answer);
  }
  const store: ControlStore = {
    ...inner,
    now: async () => await reach(async () => await inner.now()),
    takeLease: async (request) => await reach(async () => await inner.takeLease(request)),
    renewLease: async (token, ttlMs) => await reach(async () => await inner.renewLease(token, ttlMs)),
    releaseLease: async (token) => await reach(async () => await inner.releaseLease(token)),
    readJournal: async (afterSeq) => await reach(async () => await inner.readJournal(afterSeq)),
    append: async (request) => await reach(async () => await append(request)),
  };
  return { store, lose: () => (lost = true), hang: () => (hangs = true) };
}
