import type { FastifyInstance } from 'fastify';
import { expect, vi } from 'vitest';

const WAIT = { timeout: 10_000, interval: 20 };

/** Until a server hears of events: what happens before that is told to its sockets only later. */
export async function untilReady(app: FastifyInstance): Promise<void> {
  await vi.waitFor(async () => expect((await app.inject('/readyz')).statusCode).toBe(200), WAIT);
}
