/**
 * Rows of a statement that starts from the session and LEFT JOINs what it looks for: none at all without a valid session
 * (undefined), one without an id when there is a session and nothing is found.
 */
export function foundRows<Row extends { id: string }>(
  rows: readonly (Row | { id: null })[],
): Row[] | undefined {
  if (rows.length === 0) return undefined;
  return rows.filter((row): row is Row => row.id !== null);
}
