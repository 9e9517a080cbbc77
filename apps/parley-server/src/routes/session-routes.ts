import { z } from 'zod';
import { ApiError, unauthenticated } from '../api-error.ts';
import type { Parley } from '../parley.ts';
import { verifyPassword } from '../passwords.ts';
import { type Credentials, endSession, findCredentials, openSession } from '../queries/sessions.ts';
import { failures, personSchema, textOf } from '../schemas.ts';
import { createSessionToken, hashSessionToken, sessionOf } from '../sessions.ts';
import { createTurns } from '../turns.ts';
import type { App } from './app.ts';

/**
 * A password costs 40 ms on one of libuv's four threads, which also look up the database's address: others must not
 * wait until a flood of log-ins has passed. Nor must those who log in from elsewhere wait behind a flood from one address.
 */
const PASSWORD_TURNS = { atOnce: 2, mostWaiting: 100, mostWaitingEach: 10 };

const loginBody = z.object({ email: textOf(1, 320), password: textOf(1, 1_000) });
const loginAnswer = z.object({
  token: z.string(),
  expiresAt: z.string(),
  user: personSchema,
  serverTimeMs: z.number().describe("The database's clock, in milliseconds since 1970"),
});

export function addSessionRoutes(app: App, { database, loginThrottle }: Parley): void {
  const turns = createTurns(PASSWORD_TURNS);

  /** @throws ApiError when they do not belong together, or were tried too often. */
  const checkPassword = async (email: string, password: string, address: string): Promise<Credentials> => {
    // First, so that no attempt counts for which the database was away.
    const known = await findCredentials(database, email);
    requirePatience(loginThrottle.begin(email, address));
    const right = await verifyPassword(password, known?.encrypted_password ?? null);
    if (known === undefined || !right) throw wrongCredentials();
    loginThrottle.succeeded(email, address);
    return known;
  };

  app.route({
    method: 'POST',
    url: '/v1/login',
    schema: { security: [], body: loginBody, response: { 200: loginAnswer, ...failures } },
    handler: async (request) => {
      const { password } = request.body;
      const email = request.body.email.trim();
      requirePatience(loginThrottle.secondsToWait(email, request.ip));
      const known = await turns.take(
        request.ip,
        async () => await checkPassword(email, password, request.ip),
        request.answered,
      );
      const token = createSessionToken();
      const { expiresAt, serverTimeMs } = await openSession(database, hashOf(token), known.id);
      const user = { id: known.id, name: known.name, email: known.email };
      return { token, expiresAt: expiresAt.toISOString(), user, serverTimeMs };
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/logout',
    schema: { response: { 204: z.undefined(), ...failures } },
    handler: async (request, reply) => {
      if (!(await endSession(database, sessionOf(request)))) throw unauthenticated();
      return await reply.status(204).send();
    },
  });
}

function hashOf(token: string): Buffer {
  const hash = hashSessionToken(token);
  if (hash === undefined) throw new Error('a fresh session token does not look like one');
  return hash;
}

/** The same for an unknown address and a wrong password. */
const wrongCredentials = (): ApiError =>
  new ApiError('unauthenticated', 'This email and password do not belong together');

/** @throws ApiError rate_limited when there are seconds to wait */
function requirePatience(retryAfterSeconds: number | undefined): void {
  if (retryAfterSeconds === undefined) return;
  throw new ApiError('rate_limited', 'Too many attempts to log in with this email', {
    retryAfterSeconds,
    expected: `another attempt in ${retryAfterSeconds} s`,
  });
}
