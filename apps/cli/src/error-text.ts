/**
 * What an error says. A connection that was refused at several addresses (localhost is two) is an AggregateError, which says
 * nothing itself.
 */
export function errorText(error: unknown): string {
  if (error instanceof AggregateError && error.message === '')
    return [...new Set(error.errors.map(errorText))].join(', ');
  return error instanceof Error ? error.message : String(error);
}
