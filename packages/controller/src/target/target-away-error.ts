import { DatabaseError } from 'pg';
import { errorMessage } from '../error-message.ts';

/** The database cannot be worked in: it restarts, fails over, or the network is gone. It usually comes back. */
export class TargetAwayError extends Error {
  override readonly name = 'TargetAwayError';
}

/** Of a server that starts or stops, has no connection left, or lost this one. */
const passing = /^(57P0[123]|53300|08...)$/;

/** What connecting has failed with, told from what a server says for good, such as that it does not know the password. */
export function asTargetAway(error: unknown): unknown {
  if (error instanceof TargetAwayError) return error;
  if (error instanceof DatabaseError && !passing.test(error.code ?? '')) return error;
  return new TargetAwayError(`the database cannot be connected to: ${errorMessage(error)}`, { cause: error });
}
