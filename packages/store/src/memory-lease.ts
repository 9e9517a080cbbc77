import type { LeaseAnswer, LeaseHolder, LeaseRequest } from '@crossfade/engine';

interface MemoryLease {
  take(request: LeaseRequest): LeaseAnswer;
  renew(token: number, ttlMs: number): boolean;
  release(token: number): void;
  read(): LeaseHolder | null;
  /** Of the holder whose time is not over. */
  leaderToken(): number | null;
  newestToken(): number;
}

export function createMemoryLease(now: () => number): MemoryLease {
  let holder: string | null = null;
  let token = 0;
  let expiresAtMs = Number.NEGATIVE_INFINITY;
  return {
    take(request) {
      const free = holder === null || expiresAtMs <= now() || holder === request.holder;
      if (!free && holder !== null) return { status: 'held', holder, expiresInMs: expiresAtMs - now() };
      holder = request.holder;
      token += 1;
      expiresAtMs = now() + request.ttlMs;
      return { status: 'taken', token };
    },
    renew(held, ttlMs) {
      if (holder === null || held !== token) return false;
      expiresAtMs = now() + ttlMs;
      return true;
    },
    release(held) {
      if (held !== token) return;
      holder = null;
      expiresAtMs = Number.NEGATIVE_INFINITY;
    },
    read: () =>
      holder !== null && expiresAtMs > now() ? { holder, token, expiresInMs: expiresAtMs - now() } : null,
    leaderToken: () => (holder !== null && expiresAtMs > now() ? token : null),
    newestToken: () => token,
  };
}
