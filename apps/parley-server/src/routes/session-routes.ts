import type { FastifyReply, FastifyRequest } from 'fastify';
import { z } from 'zod';
import { ApiError, unauthenticated } from '../api-error.ts';
import type { Parley } from '../parley.ts';
import { hashPassword, verifyPassword } from '../passwords.ts';
import { addPerson } from '../queries/profile.ts';
import { type Credentials, endSession, findCredentials, openSession } from '../queries/sessions.ts';
import { failures, lineOf, personSchema, textOf } from '../schemas.ts';
import { createSessionToken, hashSessionToken, sessionCookie, sessionOf } from '../sessions.ts';
import { createTurns } from '../turns.ts';
import type { App } from './app.ts';
import { addOwnSessionRoutes } from './own-session-routes.ts';

/**
 * A password costs 40 ms on one of libuv's four threads, which also look up the database's address: others must not
 * wait until a flood of log-ins has passed. Nor must those who log in from elsewhere wait behind a flood from one address.
 */
const PASSWORD_TURNS = { atOnce: 2, mostWaiting: 100, mostWaitingEach: 10 };

const inACookie = z
  .boolean()
  .default(false)
  .describe('For browsers: the session is kept in a cookie that no script can read, and no token is told');
const loginBody = z.object({ email: textOf(1, 320), password: textOf(1, 1_000), cookie: inACookie });
const signUpBody = z.object({
  name: lineOf(1, 100),
  email: z.email().max(320),
  password: textOf(10, 1_000),
  cookie: inACookie,
});
const loginAnswer = z.object({
  token: z.string().nullable(),
  expiresAt: z.string(),
  user: personSchema,
  serverTimeMs: z.number().describe("The database's clock, in milliseconds since 1970"),
});

export function addSessionRoutes(app: App, parley: Parley): void {
  const { database, loginThrottle, workspace } = parley;
  const turns = createTurns(PASSWORD_TURNS);
  addOwnSessionRoutes(app, parley, turns);

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

  /** Opens a session, and gives it to a browser's care where that was asked for. */
  const enter = async (
    request: FastifyRequest<{ Body: { cookie: boolean } }>,
    reply: FastifyReply,
    user: z.output<typeof personSchema>,
  ): Promise<z.output<typeof loginAnswer>> => {
    const token = createSessionToken();
    const userAgent = request.headers['user-agent'] ?? '';
    const opened = await openSession(database, { tokenHash: hashOf(token), userId: user.id, userAgent });
    if (!opened) throw wrongCredentials();
    const expiresAt = opened.expiresAt.toISOString();
    const { cookie } = request.body;
    if (cookie) void reply.header('set-cookie', sessionCookie(request, token));
    return { token: cookie ? null : token, expiresAt, user, serverTimeMs: opened.serverTimeMs };
  };

  app.route({
    method: 'POST',
    url: '/v1/login',
    schema: { security: [], body: loginBody, response: { 200: loginAnswer, ...failures } },
    handler: async (request, reply) => {
      const { password } = request.body;
      const email = request.body.email.trim();
      requirePatience(loginThrottle.secondsToWait(email, request.ip));
      const known = await turns.take(
        request.ip,
        async () => await checkPassword(email, password, request.ip),
        request.answered,
      );
      const user = { id: known.id, name: known.name, email: known.email };
      return await enter(request, reply, user);
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/signup',
    schema: { security: [], body: signUpBody, response: { 201: loginAnswer, ...failures } },
    handler: async (request, reply) => {
      if (!workspace.signUp) throw byInvitation();
      const { name, password } = request.body;
      const email = request.body.email.toLowerCase();
      const hash = await turns.take(request.ip, async () => await hashPassword(password), request.answered);
      const id = await addPerson(database, { email, hash, name });
      if (id === undefined) throw addressTaken();
      return await enter(request, reply.status(201), { id, name, email });
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/logout',
    schema: { response: { 204: z.undefined(), ...failures } },
    handler: async (request, reply) => {
      if (!(await endSession(database, sessionOf(request)))) throw unauthenticated();
      if (request.headers.cookie !== undefined) void reply.header('set-cookie', sessionCookie(request, null));
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

const byInvitation = (): ApiError =>
  new ApiError('forbidden', 'This workspace is by invitation: ask somebody who is in it');

const addressTaken = (): ApiError =>
  new ApiError('conflict', 'Somebody has an account with this email already', {
    field: 'email',
    expected: 'an address that nobody has used here',
  });

/** @throws ApiError rate_limited when there are seconds to wait */
function requirePatience(retryAfterSeconds: number | undefined): void {
  if (retryAfterSeconds === undefined) return;
  throw new ApiError('rate_limited', 'Too many attempts to log in with this email', {
    retryAfterSeconds,
    expected: `another attempt in ${retryAfterSeconds} s`,
  });
}
