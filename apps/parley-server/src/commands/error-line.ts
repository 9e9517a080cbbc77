/** What went wrong, on one line, with its causes: some errors of connections have only those. */
export function errorLine(error: unknown): string {
  if (error instanceof AggregateError && error.message === '') return error.errors.map(errorLine).join('; ');
  if (!(error instanceof Error)) return String(error);
  return error.cause === undefined ? error.message : `${error.message}: ${errorLine(error.cause)}`;
}
