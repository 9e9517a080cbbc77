import type { EvaluationContext, FlagValueType, JsonValue, ResolutionDetails } from '@openfeature/core';
import { ErrorCode, StandardResolutionReasons } from '@openfeature/core';
import { OpenFeatureEventEmitter, ProviderEvents } from '@openfeature/web-sdk';
import type { Provider } from '@openfeature/web-sdk';
import { answerCache } from './answer-cache.ts';
import type { AnswerStorage } from './answer-cache.ts';
import { changedAnswers } from './answers.ts';
import type { Answers } from './answers.ts';
import { changeStream } from './change-stream.ts';
import { localStorageOf, thisPage } from './page.ts';
import type { Page } from './page.ts';
import { personFlags } from './person-flags.ts';
import type { PersonFlags } from './person-flags.ts';
import { withResolvers } from '../with-resolvers.ts';

export interface WebFlagProviderOptions {
  /** Of the relay, with the prefix it has there: "https://flags.example.org". */
  readonly url: string;
  /** A key of the kind "client", which everybody who opens the page can read. */
  readonly key: string;
  /** Where flags are kept for a start while the relay cannot be reached; the browser's localStorage when not given. */
  readonly storage?: AnswerStorage;
  /** How long a start waits for flags of which nothing is known. Default 3,000; then the page goes by its own defaults. */
  readonly startWithinMs?: number;
  /** How long a change can go unnoticed where no stream tells of it. Default 30,000. */
  readonly pollIntervalMs?: number;
  /** Told what the page tracks by OpenFeature's client: who used what. */
  readonly onTrack?: (event: string, context: EvaluationContext) => void;
  /** Told once of what stands in the way of remembering flags. */
  readonly onProblem?: (words: string) => void;
  /** For tests, and for pages of another kind. */
  readonly page?: Page;
}

/** OpenFeature's provider for pages. */
export interface WebFlagProvider extends Provider {
  readonly events: OpenFeatureEventEmitter;
  initialize(context?: EvaluationContext): Promise<void>;
  onContextChange(before: EvaluationContext, context: EvaluationContext): Promise<void>;
  onClose(): Promise<void>;
}

/** While a stream tells of changes, it is asked all the same now and then. */
const streamedPollMs = 300_000;

/**
 * The flags of whoever is signed in, asked for all at once and followed from then on. A page answers from what it was told last,
 * never waits for a flag and never fails for one: with the relay away, those of the last visit are used, and where nothing is
 * known the defaults in the page's code. Another person never sees what the one before was answered.
 */
export function createWebFlagProvider(options: WebFlagProviderOptions): WebFlagProvider {
  const { url, startWithinMs = 3_000, pollIntervalMs = 30_000, page = thisPage() } = options;
  const events = new OpenFeatureEventEmitter();
  const cache = answerCache(options.storage ?? localStorageOf(), url, options.onProblem ?? (() => undefined));
  let answers: Answers | undefined;
  let isFromCache = false;
  let problem: Error | undefined;
  let isStarting = false;
  let person: PersonFlags | undefined;
  const stream = changeStream({
    page,
    onChange: () => person?.refresh('changes'),
    onRefused: () => person?.refresh('all'),
  });

  /**
   * Follows this person's flags from now, and waits for them where nothing is known.
   * @throws {Error} when there are none in time.
   */
  async function follow(context: EvaluationContext): Promise<void> {
    person?.stop();
    answers = cache.find(context);
    isFromCache = answers !== undefined;
    problem = undefined;
    const own = personFlags({
      ...options,
      context,
      pollMs: () => (stream.isOpen() ? streamedPollMs : pollIntervalMs),
      onAnswer({ answers: next, stream: address }) {
        stream.use(address);
        cache.keep(context, next);
        accept(next);
      },
      onSame: () => accept(answers),
      onProblem: report,
    });
    person = own;
    isStarting = answers === undefined;
    if (!isStarting) return;
    const isKnown = await within(startWithinMs, own.first);
    // Somebody else is followed by now, and waited for.
    if (person !== own) return;
    isStarting = false;
    if (isKnown) return;
    problem ??= new Error(`${url}: no flags within ${startWithinMs} ms: the defaults in the code are used`);
    throw problem;
  }

  function accept(next: Answers | undefined): void {
    const flagsChanged = changedAnswers(answers, next);
    const isOver = problem !== undefined;
    answers = next;
    isFromCache = false;
    problem = undefined;
    if (isOver) events.emit(ProviderEvents.Ready);
    if (flagsChanged.length > 0 && !isStarting)
      events.emit(ProviderEvents.ConfigurationChanged, { flagsChanged });
  }

  /** Once for a trouble, however often it is met. One that a start ends with is told by the start. */
  function report(error: Error): void {
    const isNew = problem === undefined;
    problem = error;
    if (!isNew || isStarting) return;
    if (answers === undefined) {
      events.emit(ProviderEvents.Error, { message: error.message, errorCode: ErrorCode.PROVIDER_NOT_READY });
    } else events.emit(ProviderEvents.Stale, { message: error.message });
  }

  const resolve = <T extends JsonValue>(
    type: FlagValueType,
    key: string,
    fallback: T,
  ): ResolutionDetails<T> => resolveFrom(answers, isFromCache, { type, key, fallback });
  return {
    metadata: { name: 'crossfade-web' },
    runsOn: 'client',
    events,
    initialize: async (context = {}) => await follow(context),
    onContextChange: async (_before, context) => await follow(context),
    async onClose() {
      person?.stop();
      person = undefined;
      stream.close();
    },
    track: (event, context) => options.onTrack?.(event, context),
    resolveBooleanEvaluation: (key, fallback) => resolve('boolean', key, fallback),
    resolveStringEvaluation: (key, fallback) => resolve('string', key, fallback),
    resolveNumberEvaluation: (key, fallback) => resolve('number', key, fallback),
    resolveObjectEvaluation: (key, fallback) => resolve('object', key, fallback),
  };
}

interface Question<T> {
  readonly type: FlagValueType;
  readonly key: string;
  readonly fallback: T;
}

function resolveFrom<T extends JsonValue>(
  answers: Answers | undefined,
  isFromCache: boolean,
  { type, key, fallback }: Question<T>,
): ResolutionDetails<T> {
  const { DEFAULT, ERROR, CACHED } = StandardResolutionReasons;
  if (answers === undefined) return { value: fallback, reason: DEFAULT };
  const answer = answers.flags.get(key);
  const refuse = (errorCode: ErrorCode, errorMessage: string): ResolutionDetails<T> => ({
    value: fallback,
    reason: ERROR,
    errorCode,
    errorMessage,
  });
  if (answer === undefined) return refuse(ErrorCode.FLAG_NOT_FOUND, `flag "${key}" not found`);
  const { value, errorCode, errorDetails = '', variant, reason } = answer;
  if (errorCode !== undefined) return refuse(codeOf(errorCode), errorDetails);
  if (value === undefined) return { value: fallback, reason: reason ?? DEFAULT };
  if (typeof value !== type) {
    return refuse(
      ErrorCode.TYPE_MISMATCH,
      `flag "${key}": expected a ${type}, found ${JSON.stringify(value)}`,
    );
  }
  const told = isFromCache ? CACHED : reason;
  return {
    // Its type was compared with the one that T stands for: OpenFeature's evaluations come with one of each.
    value: value as T,
    ...(variant !== undefined && { variant }),
    ...(told !== undefined && { reason: told }),
  };
}

function codeOf(text: string): ErrorCode {
  return Object.values<string>(ErrorCode).includes(text) ? (text as ErrorCode) : ErrorCode.GENERAL;
}

/** False when it takes longer. */
async function within(limitMs: number, work: Promise<boolean>): Promise<boolean> {
  const { promise: late, resolve } = withResolvers<boolean>();
  const timer = setTimeout(() => resolve(false), limitMs);
  const result = await Promise.race([work, late]);
  clearTimeout(timer);
  return result;
}
