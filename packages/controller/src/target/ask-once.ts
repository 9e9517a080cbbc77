import { createCuttableClient } from '@crossfade/store';
import type { ClientConfig, QueryResultRow } from 'pg';

/** Not answered within the time that there was. */
export class UnansweredError extends Error {
  /** Whether whoever is behind the address had let us in. */
  readonly connected: boolean;

  constructor(limitMs: number, connected: boolean) {
    super(`no answer within ${limitMs} ms`);
    this.connected = connected;
  }
}

/** One question on a connection of its own, which is over within the limit whatever becomes of the network. */
export async function askOnce<Row extends QueryResultRow>(
  settings: ClientConfig,
  limitMs: number,
  text: string,
  values: readonly unknown[] = [],
): Promise<readonly Row[]> {
  const { client, end, cut } = createCuttableClient(settings);
  client.on('error', () => undefined); // What is under way fails with it too.
  let connected = false;
  const alarm = setTimeout(() => cut(new UnansweredError(limitMs, connected)), limitMs);
  try {
    await client.connect();
    connected = true;
    const { rows } = await client.query<Row>(text, [...values]);
    return rows;
  } finally {
    clearTimeout(alarm);
    await end();
  }
}
