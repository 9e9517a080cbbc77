import { ErrorCode, StandardResolutionReasons } from '@openfeature/core';
import type {
  EvaluationContext,
  FlagValue,
  FlagValueType,
  JsonValue,
  ResolutionDetails,
} from '@openfeature/core';
import { isPrintableAscii } from './flag-plan.ts';
import type { FlagState } from './flag-state.ts';

export interface FlagQuestion<T extends FlagValue | JsonValue> {
  readonly type: FlagValueType;
  readonly key: string;
  /** The code default. */
  readonly fallback: T;
  readonly context: EvaluationContext;
}

/** Answers one flag for one person, or the code default with the reason why. Never throws. */
export function evaluateFlag<T extends JsonValue>(
  state: Pick<FlagState, 'flags'>,
  { type, key, fallback, context }: FlagQuestion<T>,
): ResolutionDetails<T> {
  const refuse = (errorCode: ErrorCode, errorMessage: string): ResolutionDetails<T> => ({
    value: fallback,
    reason: StandardResolutionReasons.ERROR,
    errorCode,
    errorMessage,
  });
  const flags = state.flags();
  if (flags === undefined) return { value: fallback, reason: StandardResolutionReasons.DEFAULT };
  const { targetingKey } = context;
  if (targetingKey !== undefined && targetingKey !== '' && !isPrintableAscii(targetingKey)) {
    return refuse(
      ErrorCode.INVALID_CONTEXT,
      `targeting key ${JSON.stringify(targetingKey)}: expected printable ASCII, since others are hashed differently elsewhere`,
    );
  }
  // Without a key flagd would hash the seed alone, and so decide once for all the people who have none.
  if ((targetingKey ?? '') === '' && flags.flags.get(key)?.hasTargeting === true) {
    return refuse(
      ErrorCode.TARGETING_KEY_MISSING,
      `flag "${key}" decides by person: expected a targeting key`,
    );
  }
  try {
    return flags.evaluator.resolve(type, key, fallback, context);
  } catch (error) {
    return refuse(
      ErrorCode.GENERAL,
      `flag "${key}": ${error instanceof Error ? error.message : String(error)}`,
    );
  }
}
