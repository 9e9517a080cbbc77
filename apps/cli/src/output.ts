import pc from 'picocolors';

/** Where a command writes: people read stdout and stderr, scripts read one JSON document on stdout. */
export interface Output {
  readonly json: boolean;
  /** For people; nothing with --json. */
  line(text?: string): void;
  /** For scripts; nothing without --json. One document: what comes after the first is not written. */
  data(value: unknown): void;
  warn(text: string): void;
}

export function createOutput(json: boolean): Output {
  let written = false;
  return {
    json,
    line: (text = '') => {
      if (!json) process.stdout.write(`${text}\n`);
    },
    data: (value) => {
      if (json && !written) process.stdout.write(`${JSON.stringify(value, null, 2)}\n`);
      written = true;
    },
    warn: (text) => process.stderr.write(`${pc.yellow('!')} ${text}\n`),
  };
}

/** Rows in columns as wide as their longest cell; colours must be added after. */
export function columns(rows: readonly (readonly string[])[], gap = 2): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [index, cell] of row.entries()) widths[index] = Math.max(widths[index] ?? 0, cell.length);
  }
  return rows.map((row) =>
    row
      .map((cell, index) => (index === row.length - 1 ? cell : cell.padEnd((widths[index] ?? 0) + gap)))
      .join(''),
  );
}
