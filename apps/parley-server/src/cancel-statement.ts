import net from 'node:net';
import type { PoolClient } from 'pg';
import type { Log } from './log.ts';

const LIMIT_MS = 2_000;
const CANCEL_REQUEST_CODE = 80_877_102;

/**
 * Asks the server, over a connection of its own, to stop what this connection runs: else a statement that nobody waits
 * for any more goes on, and behind a pooler keeps one of its few server connections. Returns when it has heard, in bounded
 * time; until then the connection must stay, for a pooler that has lost the client does not know any more whom to cancel.
 */
export async function cancelStatement(client: PoolClient, log: Log): Promise<void> {
  const [processId, secretKey] = [Reflect.get(client, 'processID'), Reflect.get(client, 'secretKey')];
  // Without them the connection never got as far as running anything.
  if (typeof processId !== 'number' || typeof secretKey !== 'number') return;
  const { host, port } = client;
  const socket = host.startsWith('/') ? net.connect(`${host}/.s.PGSQL.${port}`) : net.connect({ host, port });
  socket.setTimeout(LIMIT_MS, () => socket.destroy());
  socket.on('error', (error) => log.warn({ err: error }, 'a statement that took too long was not cancelled'));
  // Left open: a pooler takes an end for a client that does not want it any more. It closes when it has passed it on.
  socket.once('connect', () => socket.write(cancelRequest(processId, secretKey)));
  socket.resume();
  await new Promise<void>((resolve) => socket.once('close', () => resolve()));
}

function cancelRequest(processId: number, secretKey: number): Buffer {
  const request = Buffer.alloc(16);
  request.writeInt32BE(request.length, 0);
  request.writeInt32BE(CANCEL_REQUEST_CODE, 4);
  request.writeInt32BE(processId, 8);
  request.writeInt32BE(secretKey, 12);
  return request;
}
