import type { FastifyInstance } from 'fastify';
import { ApiError } from './api-error.ts';

declare module 'fastify' {
  interface FastifyRequest {
    /** Aborted once nobody waits for the answer: it was given for want of time, or its client is gone. */
    answered: AbortSignal;
  }
}

/**
 * A request that is there as a whole is answered within so long, whatever its handler still waits for. Fastify's own
 * `handlerTimeout` (5.12) does not hold for requests with a body: it forgets its timer as soon as the body was read.
 */
export function answerInTime(app: FastifyInstance, answerMs: number): void {
  app.decorateRequest('answered');
  app.addHook('preValidation', async (request, reply) => {
    const end = new AbortController();
    request.answered = end.signal;
    const timer = setTimeout(() => {
      end.abort();
      if (!reply.sent) void reply.send(tooLate());
    }, answerMs);
    const onEnd = (): void => {
      clearTimeout(timer);
      end.abort();
    };
    reply.raw.once('finish', onEnd).once('close', onEnd);
  });
}

const tooLate = (): ApiError =>
  new ApiError('unavailable', 'This took too long: try again shortly', { retryAfterSeconds: 1 });
