import { ApiError } from './api-error.ts';

export type Turns = {
  /** Runs `work` when it is its turn. @throws ApiError unavailable when too many wait already. */
  take<Answer>(work: () => Promise<Answer>): Promise<Answer>;
};

/** At most so many at once, and at most so many who wait for it. For work that costs, and that anybody may ask for. */
export function createTurns({ atOnce, mostWaiting }: { atOnce: number; mostWaiting: number }): Turns {
  let running = 0;
  const waiting: (() => void)[] = [];
  const begin = async (): Promise<void> => {
    if (running < atOnce) running += 1;
    else if (waiting.length >= mostWaiting) throw tooMany();
    else await new Promise<void>((resolve) => waiting.push(resolve));
  };
  return {
    take: async (work) => {
      await begin();
      try {
        return await work();
      } finally {
        const next = waiting.shift();
        // The turn is handed on, so that nobody who comes just now gets in between.
        if (next === undefined) running -= 1;
        else next();
      }
    },
  };
}

const tooMany = (): ApiError =>
  new ApiError('unavailable', 'Too many people do this at the moment: try again shortly', {
    retryAfterSeconds: 1,
  });
