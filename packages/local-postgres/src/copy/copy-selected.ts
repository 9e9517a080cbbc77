import type { Client } from 'pg';
import { piped } from './piped.ts';

/** Of each table. */
export type SampleSize = { percent: number } | { rows: number };

export type SampleWork = {
  source: Client;
  copy: Client;
  sourceUrl: string;
  targetUrl: string;
  psql: string;
  snapshot: string;
  sample: SampleSize;
  signal: AbortSignal;
};

export type SampledTable = { name: string; columns: string; rows: number; partitioned: boolean };

/** Copies what a query of the source returns into the table of that name, in the snapshot that everything is read in. */
export async function copySelected(
  { psql, sourceUrl, targetUrl, snapshot, signal }: SampleWork,
  table: SampledTable,
  query: string,
): Promise<void> {
  const base = [psql, '--no-psqlrc', '--quiet', '--no-password', '--set=ON_ERROR_STOP=1'];
  const reading = [
    'begin isolation level repeatable read read only',
    `set transaction snapshot '${snapshot}'`,
    // Rows that a policy hides are an error and not silently left out.
    'set local row_security = off',
    `copy (${query}) to stdout`,
  ];
  await piped(
    { command: base, url: sourceUrl, script: reading.map((statement) => `${statement};\n`).join('') },
    {
      command: [...base, `--command=copy ${table.name} (${table.columns}) from stdin`],
      url: targetUrl,
      ours: true,
    },
    signal,
  );
}
