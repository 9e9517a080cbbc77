import { z } from 'zod';
import { ApiError, unauthenticated } from '../api-error.ts';
import type { Parley } from '../parley.ts';
import { verifyPassword } from '../passwords.ts';
import { endSession, findCredentials, openSession } from '../queries/sessions.ts';
import { failures, personSchema, textOf } from '../schemas.ts';
import { createSessionToken, hashSessionToken, sessionOf } from '../sessions.ts';
import type { App } from './app.ts';

const loginBody = z.object({ email: textOf(1, 320), password: textOf(1, 1_000) });
const loginAnswer = z.object({
  token: z.string(),
  expiresAt: z.string(),
  user: personSchema,
  serverTimeMs: z.number().describe("The database's clock, in milliseconds since 1970"),
});

export function addSessionRoutes(app: App, { database, loginThrottle }: Parley): void {
  app.route({
    method: 'POST',
    url: '/v1/login',
    schema: { security: [], body: loginBody, response: { 200: loginAnswer, ...failures } },
    handler: async (request) => {
      const { password } = request.body;
      const email = request.body.email.trim();
      const waitSeconds = loginThrottle.begin(email, request.ip);
      if (waitSeconds !== undefined) throw tooManyAttempts(waitSeconds);
      const known = await findCredentials(database, email);
      const right = await verifyPassword(password, known?.encrypted_password ?? null);
      if (known === undefined || !right) throw wrongCredentials();
      loginThrottle.succeeded(email, request.ip);
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

const tooManyAttempts = (retryAfterSeconds: number): ApiError =>
  new ApiError('rate_limited', 'Too many attempts to log in with this email', {
    retryAfterSeconds,
    expected: `another attempt in ${retryAfterSeconds} s`,
  });
