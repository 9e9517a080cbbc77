import { Socket } from 'node:net';
import { Client, type ClientConfig } from 'pg';

export interface CuttableClient {
  readonly client: Client;
  /** Says goodbye, and cuts the connection when that takes long: one that leads nowhere must not hold us up. */
  readonly end: () => Promise<void>;
}

const goodbyeLimitMs = 1_000;

export function createCuttableClient(settings: ClientConfig): CuttableClient {
  // Ours, so that it can be cut: the driver's own goodbye waits for a server that may be gone.
  const socket = new Socket();
  const client = new Client({ ...settings, stream: () => socket });
  return {
    client,
    async end() {
      const cut = setTimeout(() => socket.destroy(), goodbyeLimitMs);
      await client.end();
      clearTimeout(cut);
    },
  };
}
