import { ErrorCode, StandardResolutionReasons } from '@openfeature/core';
import type {
  EvaluationContext,
  FlagValue,
  FlagValueType,
  JsonValue,
  ResolutionDetails,
} from '@openfeature/core';
import type { FlagAnswer } from './evaluation/flag-evaluator.ts';
import type { LoadedFlags } from './flag-document.ts';
import { isPrintableAscii } from './flag-plan.ts';

export interface FlagQuestion<T extends FlagValue | JsonValue> {
  readonly type: FlagValueType;
  readonly key: string;
  /** The code default. */
  readonly fallback: T;
  readonly context: EvaluationContext;
}

/** Answers one flag for one person, or the code default with the reason why. Never throws. */
export function evaluateFlag<T extends JsonValue>(
  flags: LoadedFlags | undefined,
  { type, key, fallback, context }: FlagQuestion<T>,
): ResolutionDetails<T> {
  if (flags === undefined) return { value: fallback, reason: StandardResolutionReasons.DEFAULT };
  const refusal = refusalOf(flags, key, context);
  if (refusal !== undefined) return { ...refusal, value: fallback };
  try {
    return flags.evaluator.resolve(type, key, fallback, context);
  } catch (error) {
    return { ...broken(key, error), value: fallback };
  }
}

/** Answers one flag for one person, of whatever type it is, or why it cannot. Never throws. */
export function answerFlag(
  flags: LoadedFlags | undefined,
  key: string,
  context: EvaluationContext,
): FlagAnswer {
  if (flags === undefined) return refuse(ErrorCode.FLAG_NOT_FOUND, `flag "${key}": no flags are published`);
  try {
    return refusalOf(flags, key, context) ?? flags.evaluator.evaluate(key, context);
  } catch (error) {
    return broken(key, error);
  }
}

type Refusal = Required<Pick<FlagAnswer, 'reason' | 'errorCode' | 'errorMessage'>>;

/** Why nobody like this can be answered the same in every language, and be told apart from others. */
function refusalOf(
  flags: LoadedFlags,
  key: string,
  { targetingKey = '' }: EvaluationContext,
): Refusal | undefined {
  if (targetingKey === '') {
    // Without a key flagd would hash the seed alone, and so decide once for all the people who have none.
    if (flags.flags.get(key)?.hasTargeting !== true) return undefined;
    return refuse(
      ErrorCode.TARGETING_KEY_MISSING,
      `flag "${key}" decides by person: expected a targeting key`,
    );
  }
  if (isPrintableAscii(targetingKey)) return undefined;
  return refuse(
    ErrorCode.INVALID_CONTEXT,
    `targeting key ${JSON.stringify(targetingKey)}: expected printable ASCII, since others are hashed differently elsewhere`,
  );
}

function broken(key: string, error: unknown): Refusal {
  const words = error instanceof Error ? error.message : String(error);
  return refuse(ErrorCode.GENERAL, `flag "${key}": ${words}`);
}

function refuse(errorCode: ErrorCode, errorMessage: string): Refusal {
  return { reason: StandardResolutionReasons.ERROR, errorCode, errorMessage };
}
