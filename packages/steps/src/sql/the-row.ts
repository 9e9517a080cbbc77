/** The row of a query that always has one, such as a count over a table. */
export function theRow<T>(rows: readonly T[]): T {
  const [row] = rows;
  if (row === undefined || rows.length > 1)
    throw new Error(`the database sent ${rows.length} rows: expected one`);
  return row;
}
