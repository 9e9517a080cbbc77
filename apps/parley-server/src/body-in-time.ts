import type { FastifyInstance } from 'fastify';
import type { Limits } from './limits.ts';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Its body is a file, which takes a while on a slow line. */
    takesFile?: boolean;
  }
}

/**
 * Sends away whoever takes longer for a body than `wholeMs`. Node has one limit for all requests, and that is the one for files: on
 * a line of one megabit, ten million bytes take eighty seconds.
 */
export function bodyInTime(app: FastifyInstance, { wholeMs }: Limits['request']): void {
  app.addHook('onRequest', async ({ raw, routeOptions }, reply) => {
    const hasBody =
      raw.headers['content-length'] !== undefined || raw.headers['transfer-encoding'] !== undefined;
    if (!hasBody || routeOptions.config.takesFile === true) return;
    const timer = setTimeout(() => {
      // Answered as Node's own time-out is: see client-error.ts.
      if (!raw.complete) app.server.emit('clientError', timedOut(), raw.socket);
    }, wholeMs);
    reply.raw.once('close', () => clearTimeout(timer));
  });
}

const timedOut = (): Error =>
  Object.assign(new Error('the body did not arrive in time'), { code: 'ERR_HTTP_REQUEST_TIMEOUT' });
