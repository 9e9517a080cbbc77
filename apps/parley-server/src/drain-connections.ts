import type { Socket } from 'node:net';
import type { FastifyInstance } from 'fastify';
import { ApiError } from './api-error.ts';

/** Who connects while the server stops has so long to ask, and to be told that it does. */
const LATE_MS = 500;

/**
 * While the server stops, each connection ends with the answer it waits for. Node and Fastify close those that are idle
 * when the stopping begins. One that becomes idle later would hold it up for as long as connections are kept, and one over
 * which nothing was ever asked, as browsers and health checks open them, for ever.
 */
export function drainConnections(app: FastifyInstance): void {
  const requests = countRequests(app);
  let isStopping = false;
  const closeUnused = (): void => {
    for (const [socket, underWay] of requests) if (underWay === 0) socket.destroySoon();
  };
  app.addHook('preClose', async () => {
    isStopping = true;
    closeUnused();
  });
  app.addHook('onRequest', async () => {
    if (isStopping) throw aboutToStop();
  });
  app.addHook('onSend', async (_request, reply) => {
    if (isStopping) void reply.header('connection', 'close');
  });
  // What was on its way already when the stopping began told its client otherwise.
  app.addHook('onResponse', async () => {
    if (isStopping) setImmediate(closeUnused);
  });
  app.server.on('connection', () => {
    if (isStopping) setTimeout(closeUnused, LATE_MS).unref();
  });
}

const aboutToStop = (): ApiError =>
  new ApiError('unavailable', 'This server is about to stop: try again shortly', { retryAfterSeconds: 1 });

/** The open connections that speak HTTP, with how many requests are under way on each. */
function countRequests({ server }: FastifyInstance): ReadonlyMap<Socket, number> {
  const requests = new Map<Socket, number>();
  const add = (socket: Socket, by: number): void => {
    const underWay = requests.get(socket);
    if (underWay !== undefined) requests.set(socket, underWay + by);
  };
  server.on('connection', (socket: Socket) => {
    requests.set(socket, 0);
    socket.once('close', () => requests.delete(socket));
  });
  server.on('request', ({ socket }, response) => {
    add(socket, 1);
    response.once('close', () => add(socket, -1));
  });
  // From now on it belongs to whoever speaks the other protocol.
  server.on('upgrade', ({ socket }) => requests.delete(socket));
  return requests;
}
