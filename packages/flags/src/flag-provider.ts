import type { EvaluationContext, FlagValueType, JsonValue, ResolutionDetails } from '@openfeature/core';
import { OpenFeatureEventEmitter } from '@openfeature/server-sdk';
import type { Provider } from '@openfeature/server-sdk';
import { answerFlag, evaluateFlag } from './evaluate-flag.ts';
import type { FlagAnswer } from './evaluation/flag-evaluator.ts';
import { flagBackup } from './flag-backup.ts';
import type { FlagLog } from './flag-log.ts';
import type { FlagSnapshot, FlagSource } from './flag-source.ts';
import { flagState } from './flag-state.ts';
import type { FlagState } from './flag-state.ts';
import { sha256Hex } from './sha256.ts';

export interface FlagProviderOptions {
  readonly source: FlagSource;
  /** Where the last good flags are kept for a start without the source; its folder must exist. */
  readonly backupFile?: string;
  /** flagd JSON for a start with neither the source nor a backup. */
  readonly bootstrap?: string;
  readonly log: FlagLog;
  /** Told what the application tracks by OpenFeature's client: who used what. */
  readonly onTrack?: (event: string, context: EvaluationContext) => void;
}

/** OpenFeature's provider for servers. It evaluates in this process and answers from the last flags it got. */
export interface FlagProvider extends Provider {
  readonly events: OpenFeatureEventEmitter;
  /** Resolves as soon as the backup is read, whether or not the source can be reached. */
  initialize(): Promise<void>;
  /** Stops the source; what was known last is answered on. */
  onClose(): Promise<void>;
  /** Of the flags that are answered now; 0 before any was published. */
  revision(): number;
  /** Whether it is known what is published; before that, nobody should be told that there are no flags. */
  isKnown(): boolean;
  /** What is answered from now; undefined when nothing was published. */
  snapshot(): FlagSnapshot | undefined;
  /** The keys of all flags, in the document's order. */
  keys(): readonly string[];
  /** Answers a flag of whatever type, at once. Never throws. */
  answer(key: string, context: EvaluationContext): FlagAnswer;
  /** The segments that the given targeting key is in, of those that a flag asks for. */
  segmentsOf(targetingKey: string): readonly string[];
}

/**
 * The flags of a source as an OpenFeature provider. It never throws into the application and never makes it wait: no
 * flags, bad flags and unknown flags all answer the default that stands in the code, with OpenFeature's error codes.
 */
export function createFlagProvider(options: FlagProviderOptions): FlagProvider {
  const events = new OpenFeatureEventEmitter();
  const backup = options.backupFile === undefined ? undefined : flagBackup(options.backupFile);
  const state = flagState({ events, backup, log: options.log });
  let started: Promise<void> | undefined;
  const start = async (): Promise<void> => {
    await state.restore(options.bootstrap === undefined ? undefined : bootstrapSnapshot(options.bootstrap));
    options.source.start(state.accept, state.reportProblem, state.reportAnswer);
  };
  return {
    metadata: { name: 'crossfade' },
    runsOn: 'server',
    events,
    initialize: async () => await (started ??= start()),
    async onClose() {
      await started;
      await options.source.stop();
      await state.settled();
    },
    revision: () => state.flags()?.snapshot.revision ?? 0,
    isKnown: () => state.isKnown(),
    snapshot: () => state.flags()?.snapshot,
    track: (event, context) => options.onTrack?.(event, context),
    keys: () => state.flags()?.evaluator.keys ?? [],
    answer: (key, context) => answerFlag(state.flags(), key, context),
    segmentsOf: (targetingKey) => state.segmentsOf(targetingKey),
    ...resolvers(state),
  };
}

function bootstrapSnapshot(document: string) {
  return { revision: 0, document, digest: sha256Hex(document), segments: new Map<string, Set<string>>() };
}

type Resolvers = Pick<
  Provider,
  | 'resolveBooleanEvaluation'
  | 'resolveStringEvaluation'
  | 'resolveNumberEvaluation'
  | 'resolveObjectEvaluation'
>;

function resolvers(state: FlagState): Resolvers {
  /** flagd-core has compared the value's type with `type`, or else answers `fallback`. */
  const resolve = async <T extends JsonValue>(
    type: FlagValueType,
    key: string,
    fallback: T,
    context: EvaluationContext,
  ): Promise<ResolutionDetails<T>> => evaluateFlag(state.flags(), { type, key, fallback, context });
  return {
    resolveBooleanEvaluation: async (key, fallback, context) =>
      await resolve('boolean', key, fallback, context),
    resolveStringEvaluation: async (key, fallback, context) =>
      await resolve('string', key, fallback, context),
    resolveNumberEvaluation: async (key, fallback, context) =>
      await resolve('number', key, fallback, context),
    resolveObjectEvaluation: async (key, fallback, context) =>
      await resolve('object', key, fallback, context),
  };
}
