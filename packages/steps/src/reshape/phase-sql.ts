/** One transaction's worth of a change of shape, or several statements that each are one, and how they are taken back. */
export interface PhaseSql {
  readonly apply: string;
  /** Passes where nothing is there any more. */
  readonly revert: string;
  readonly together: boolean;
}

export const lines = (...statements: readonly (string | undefined | readonly string[])[]): string =>
  statements
    .flat()
    .filter((statement) => statement !== undefined && statement !== '')
    .map((statement) => `${statement};\n`)
    .join('');

export function literal(text: string): string {
  return `'${text.replaceAll("'", "''")}'`;
}
