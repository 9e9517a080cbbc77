import { withResolvers } from './with-resolvers.ts';

/** Sleep that something else can end early. */
export interface WakeSignal {
  /** Ends the running nap, or else lets the next one end at once: a wake-up is never lost. */
  now(this: void): void;
  /** Ends after the time, at a wake-up, or when stopped. */
  nap(this: void, ms: number): Promise<void>;
  /** Ends after the time or when stopped; wake-ups wait for the next nap. */
  sleep(this: void, ms: number): Promise<void>;
}

export function wakeSignal(stop: AbortSignal): WakeSignal {
  let pending = false;
  let wakeUp: (() => void) | undefined;
  const wait = async (ms: number, onTurn: (end: () => void) => void): Promise<void> => {
    if (stop.aborted) return;
    const { promise, resolve } = withResolvers<undefined>();
    const end = (): void => resolve(undefined);
    const timer = setTimeout(end, ms);
    stop.addEventListener('abort', end);
    onTurn(end);
    await promise;
    clearTimeout(timer);
    stop.removeEventListener('abort', end);
  };
  return {
    now() {
      pending = true;
      wakeUp?.();
    },
    async nap(ms) {
      if (!pending) {
        await wait(ms, (end) => {
          wakeUp = end;
        });
      }
      wakeUp = undefined;
      pending = false;
    },
    sleep: async (ms) => await wait(ms, () => undefined),
  };
}
