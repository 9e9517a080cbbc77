import { ApiError } from './api-error.ts';

export type Turns = {
  /**
   * Runs `work` when it is its turn; who gives up (`signal`) before that leaves the queue, and nothing is done for them.
   * @param who whose share of the queue they wait in
   * @throws ApiError unavailable when too many wait already.
   */
  take<Answer>(who: string, work: () => Promise<Answer>, signal: AbortSignal): Promise<Answer>;
};

export type TurnLimits = {
  atOnce: number;
  mostWaiting: number;
  /** So that nobody can fill the queue alone, and keep all others out. */
  mostWaitingEach: number;
};

type Waiter = { who: string; begin: () => void };

/** At most so many at once, and at most so many who wait for it. For work that costs, and that anybody may ask for. */
export function createTurns({ atOnce, mostWaiting, mostWaitingEach }: TurnLimits): Turns {
  let running = 0;
  const waiting = new Set<Waiter>();
  const mayWait = (who: string): boolean => {
    if (waiting.size >= mostWaiting) return false;
    return [...waiting].filter((waiter) => waiter.who === who).length < mostWaitingEach;
  };
  const wait = async (who: string, signal: AbortSignal): Promise<void> => {
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const waiter: Waiter = { who, begin: resolve };
    const giveUp = (): void => {
      waiting.delete(waiter);
      reject(tooMany());
    };
    waiting.add(waiter);
    signal.addEventListener('abort', giveUp);
    await promise.finally(() => signal.removeEventListener('abort', giveUp));
  };
  const begin = async (who: string, signal: AbortSignal): Promise<void> => {
    if (signal.aborted) throw tooMany();
    if (running < atOnce) running += 1;
    else if (mayWait(who)) await wait(who, signal);
    else throw tooMany();
  };
  return {
    take: async (who, work, signal) => {
      await begin(who, signal);
      try {
        return await work();
      } finally {
        const [next] = waiting;
        // The turn is handed on, so that nobody who comes just now gets in between.
        if (next === undefined) running -= 1;
        else {
          waiting.delete(next);
          next.begin();
        }
      }
    },
  };
}

const tooMany = (): ApiError =>
  new ApiError('unavailable', 'Too many people do this at the moment: try again shortly', {
    retryAfterSeconds: 1,
  });
