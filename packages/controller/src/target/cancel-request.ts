import { connect, type Socket } from 'node:net';
import type { Client } from 'pg';

const cancelRequestCode = 80_877_102;

/**
 * The protocol's own request to cancel, with the key that was given at connecting: a pooler passes it on to the server
 * process that works for this client now, and drops it when there is none. It is sent unencrypted, as every client did for
 * long: servers and poolers take it before they ask for TLS.
 */
export async function requestCancel(client: Client, limitMs: number): Promise<void> {
  const key = keyOf(client);
  if (!key) return;
  const request = Buffer.alloc(16);
  for (const [index, word] of [16, cancelRequestCode, key.pid, key.secret].entries())
    request.writeInt32BE(word, index * 4);
  const socket = client.host.startsWith('/')
    ? connect(`${client.host}/.s.PGSQL.${client.port}`)
    : connect(client.port, client.host);
  await closed(socket, request, limitMs);
}

/**
 * The server says nothing: it closes the connection when it has heard. A pooler, when it has passed the request on; were our
 * end closed before, it would take it that we are gone, and drop it.
 */
async function closed(socket: Socket, request: Buffer, limitMs: number): Promise<void> {
  const alarm = setTimeout(() => socket.destroy(), limitMs);
  await new Promise<void>((resolve) => {
    socket.once('close', () => resolve());
    socket.on('error', () => undefined); // Closed is what comes next.
    socket.resume().write(request);
  });
  clearTimeout(alarm);
}

/** The driver keeps it, and its types do not know. */
function keyOf(client: Client): { pid: number; secret: number } | undefined {
  if (!('processID' in client && 'secretKey' in client)) return undefined;
  const { processID: pid, secretKey: secret } = client;
  return typeof pid === 'number' && typeof secret === 'number' ? { pid, secret } : undefined;
}
