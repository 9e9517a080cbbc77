import { Socket } from 'node:net';
import { Client, type ClientConfig } from 'pg';

/** One connection that can be let go of whatever the network does. */
export interface CuttableClient {
  readonly client: Client;
  /** Says goodbye, and cuts the connection when that takes long: one that leads nowhere must not hold us up. */
  readonly end: () => Promise<void>;
  /** Lets go at once, also while connecting: what is under way fails with the reason. */
  readonly cut: (reason: Error) => void;
}

const goodbyeLimitMs = 500;

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
    cut: (reason) => void socket.destroy(reason),
  };
}
