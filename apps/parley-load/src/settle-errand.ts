import type { Exchange } from './exchange.ts';
import { record, ShapeError } from './shape.ts';
import type { Errand } from './world.ts';

/** @returns what is wrong with the answer; undefined when all is well. */
export function settleErrand(errand: Errand, outcome: Exchange): string | undefined {
  if (outcome.status < 200 || outcome.status > 299) return outcome.error ?? errorCode(outcome.answer?.body);
  try {
    errand.settle(outcome.answer?.body, outcome.tries);
    return undefined;
  } catch (error) {
    if (error instanceof ShapeError) return `shape: ${error.message}`;
    throw error;
  }
}

function errorCode(body: unknown): string {
  try {
    const { code, message, field } = record(record(body, 'answer')['error'], 'answer.error');
    return [code, field, message].filter((part) => typeof part === 'string').join(': ');
  } catch (error) {
    if (error instanceof ShapeError) return error.message;
    throw error;
  }
}
