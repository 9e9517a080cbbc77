import { LRUCache } from 'lru-cache';

export type LoginThrottle = {
  /** Counts nothing. @returns seconds to wait, or undefined when an attempt may begin. */
  secondsToWait(email: string, address: string): number | undefined;
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
  const secondsToWait = (email: string, address: string): number | undefined => {
    const entry = seen.get(keyOf(email, address));
    if (entry === undefined || entry.endsAtMs <= now() || entry.count < attempts) return undefined;
    return Math.max(1, Math.ceil((entry.endsAtMs - now()) / 1_000));
  };
  return {
    secondsToWait,
    begin: (email, address) => {
      const waitSeconds = secondsToWait(email, address);
      if (waitSeconds !== undefined) return waitSeconds;
      const key = keyOf(email, address);
      const known = seen.get(key);
      const isOpen = known !== undefined && known.endsAtMs > now();
      seen.set(key, isOpen ? { ...known, count: known.count + 1 } : { count: 1, endsAtMs: now() + windowMs });
      return undefined;
    },
    succeeded: (email, address) => {
      seen.delete(keyOf(email, address));
    },
  };
}
