import type { EvaluationContext } from '@openfeature/core';
import { backOffMs } from '../back-off.ts';
import { wakeSignal } from '../wake-signal.ts';
import { askForAll, RelayRefusal } from './ofrep-bulk.ts';
import type { BulkAnswer } from './ofrep-bulk.ts';
import { withResolvers } from '../with-resolvers.ts';

/** The flags of one person, asked for again whenever they may have changed, until it is stopped. */
export interface PersonFlags {
  /** Resolves when the first question was answered, one way or the other: whether there are flags now. */
  readonly first: Promise<boolean>;
  /** Asks again soon: whether something has changed, or for all of it. */
  refresh(how: 'changes' | 'all'): void;
  stop(): void;
}

interface PersonFlagsOptions {
  readonly url: string;
  readonly key: string;
  readonly context: EvaluationContext;
  /** How long a change can go unnoticed now. */
  readonly pollMs: () => number;
  readonly onAnswer: (answer: BulkAnswer) => void;
  /** The relay was reached, and nothing has changed. */
  readonly onSame: () => void;
  readonly onProblem: (error: Error) => void;
}

/** Ten thousand pages that hear of a change at once do not all ask in the same moment. */
const spreadMs = 50;
/** What is wrong with a key or a page is not mended by asking. */
const refusedPollMs = 300_000;

/** One question at a time, so that an older answer never comes after a newer one. */
export function personFlags(options: PersonFlagsOptions): PersonFlags {
  const stopping = new AbortController();
  const wake = wakeSignal(stopping.signal);
  const { promise: first, resolve: firstIs } = withResolvers<boolean>();
  // The first answer is asked for whole, also where it is known: it says where changes are told.
  let tag: string | null = null;
  let failures = 0;

  async function ask(): Promise<number> {
    try {
      const answer = await askForAll({ ...options, tag, signal: stopping.signal });
      if (stopping.signal.aborted) return 0;
      failures = 0;
      if (answer === undefined) options.onSame();
      else {
        ({ tag } = answer.answers);
        options.onAnswer(answer);
      }
      firstIs(true);
      return options.pollMs();
    } catch (error) {
      if (stopping.signal.aborted) return 0;
      failures += 1;
      options.onProblem(error instanceof Error ? error : new Error(String(error)));
      firstIs(false);
      return pauseAfter(error, failures);
    }
  }

  async function follow(): Promise<void> {
    while (!stopping.signal.aborted) {
      await wake.nap(await ask());
      if (failures === 0) await wake.sleep(Math.random() * spreadMs);
    }
    firstIs(false);
  }
  void follow();

  return {
    first,
    refresh(how) {
      if (how === 'all') tag = null;
      wake.now();
    },
    stop: () => stopping.abort(),
  };
}

function pauseAfter(error: unknown, failures: number): number {
  if (!(error instanceof RelayRefusal)) return backOffMs(failures);
  return error.isFinal ? refusedPollMs : Math.max(error.retryAfterMs, backOffMs(failures));
}
