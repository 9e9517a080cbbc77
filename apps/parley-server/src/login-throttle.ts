import { LRUCache } from 'lru-cache';

export type LoginThrottle = {
  /** Counts an attempt before its password is looked at. @returns seconds to wait, or undefined when it may go on. */
  begin(email: string, address: string): number | undefined;
  /** A log-in that succeeded takes back what was counted. */
  succeeded(email: string, address: string): void;
};

export type LoginThrottleOptions = { attempts?: number; windowMs?: number; now?: () => number };

/** At most so many failed attempts per email and address in a window, kept in this process only. */
export function createLoginThrottle(options: LoginThrottleOptions = {}): LoginThrottle {
  const { attempts = 10, windowMs = 300_000, now = Date.now } = options;
  const seen = new LRUCache<string, { count: number; endsAtMs: number }>({ max: 10_000 });
  const keyOf = (email: string, address: string): string => `${email.toLowerCase()} ${address}`;
  return {
    begin: (email, address) => {
      const key = keyOf(email, address);
      const known = seen.get(key);
      const entry =
        known !== undefined && known.endsAtMs > now() ? known : { count: 0, endsAtMs: now() + windowMs };
      if (entry.count >= attempts) return Math.max(1, Math.ceil((entry.endsAtMs - now()) / 1_000));
      seen.set(key, { count: entry.count + 1, endsAtMs: entry.endsAtMs });
      return undefined;
    },
    succeeded: (email, address) => {
      seen.delete(keyOf(email, address));
    },
  };
}
