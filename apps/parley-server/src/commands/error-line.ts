import { plainLine } from '../plain-line.ts';

const LONGEST = 2_000;

/** What went wrong, on one line that a terminal can show: parts of it may come out of a file. */
export function errorLine(error: unknown): string {
  return plainLine(wordsOf(error), LONGEST);
}

/** With its causes: some errors of connections have only those. */
function wordsOf(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(wordsOf).join('; ');
  if (!(error instanceof Error)) return String(error);
  const { message, cause } = error;
  if (cause === undefined) return message;
  const reason = wordsOf(cause);
  return message.includes(reason) ? message : `${message}: ${reason}`;
}
