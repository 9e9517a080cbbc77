import { ErrorCode } from '@openfeature/core';
import type { EvaluationContext, JsonValue } from '@openfeature/core';
import type { FlagAnswer } from '@crossfade/flags/server';

/** What OFREP says of one flag. */
export type OfrepAnswer = OfrepSuccess | OfrepFailure;

/** Without a value where the application shall take the default in its code. */
interface OfrepSuccess {
  readonly key: string;
  readonly value?: JsonValue;
  readonly reason?: string;
  readonly variant?: string;
  readonly metadata?: Readonly<Record<string, string | number | boolean>>;
}

interface OfrepFailure {
  readonly key: string;
  readonly errorCode: string;
  readonly errorDetails: string;
}

export function ofrepAnswer(key: string, answer: FlagAnswer): OfrepAnswer {
  const { errorCode, errorMessage = '', value, reason, variant, flagMetadata = {} } = answer;
  if (errorCode !== undefined) return { key, errorCode, errorDetails: errorMessage };
  return {
    key,
    ...(value !== undefined && { value }),
    ...(reason !== undefined && { reason }),
    ...(variant !== undefined && { variant }),
    ...(Object.keys(flagMetadata).length > 0 && { metadata: flagMetadata }),
  };
}

/** 200, 400 or 404. */
export function statusOf(answer: OfrepAnswer): number {
  if (!('errorCode' in answer)) return 200;
  return answer.errorCode === (ErrorCode.FLAG_NOT_FOUND as string) ? 404 : 400;
}

/** A request that no flag can be answered for. */
class InvalidContext extends Error {
  readonly statusCode = 400;
  readonly code = ErrorCode.INVALID_CONTEXT;
}

/**
 * Whom a request asks for: `{"context": {"targetingKey": "…", …}}`, where both may be left out.
 * @throws {InvalidContext} naming what was found in place of that.
 */
export function contextOf(body: unknown): EvaluationContext {
  if (body === undefined || body === null) return {};
  const context = asRecord(body, 'body')['context'] ?? {};
  const given = asRecord(context, 'context');
  const { targetingKey } = given;
  if (targetingKey !== undefined && typeof targetingKey !== 'string') {
    throw new InvalidContext(`context.targetingKey: expected a text, found ${shown(targetingKey)}`);
  }
  // It came as JSON, so that nothing else can be in it.
  return given as EvaluationContext;
}

function asRecord(value: unknown, place: string): Readonly<Record<string, unknown>> {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    throw new InvalidContext(`${place}: expected an object, found ${shown(value)}`);
  }
  return value as Readonly<Record<string, unknown>>;
}

function shown(value: unknown): string {
  const text = JSON.stringify(value);
  return text.length > 60 ? `${text.slice(0, 60)}…` : text;
}
