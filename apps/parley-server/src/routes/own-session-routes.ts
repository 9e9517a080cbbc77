import { z } from 'zod';
import { ApiError, unauthenticated } from '../api-error.ts';
import type { Parley } from '../parley.ts';
import { hashPassword, verifyPassword } from '../passwords.ts';
import {
  endOtherSessions,
  endOwnSession,
  listSessions,
  ownCredentials,
  setOwnPassword,
} from '../queries/own-sessions.ts';
import { signedIn } from '../require-person.ts';
import { failures, idParams, textOf } from '../schemas.ts';
import { sessionOf } from '../sessions.ts';
import type { createTurns } from '../turns.ts';
import type { App } from './app.ts';

const sessionSchema = z.object({
  id: z.string(),
  createdAt: z.string(),
  lastUsedAt: z.string().nullable(),
  userAgent: z.string(),
  current: z.boolean(),
});
const listAnswer = z.object({ sessions: z.array(sessionSchema) });
const passwordBody = z.object({ current: textOf(1, 1_000), next: textOf(10, 1_000) });

/** Where a person is signed in, and how to end that. */
export function addOwnSessionRoutes(
  app: App,
  { database, loginThrottle }: Parley,
  turns: ReturnType<typeof createTurns>,
): void {
  app.route({
    method: 'GET',
    url: '/v1/sessions',
    schema: { response: { 200: listAnswer, ...failures } },
    handler: async (request) => {
      const rows = signedIn(await listSessions(database, sessionOf(request)));
      const sessions = rows.map((row) => ({
        id: row.id,
        createdAt: row.created_at.toISOString(),
        lastUsedAt: row.last_used_at?.toISOString() ?? null,
        userAgent: row.user_agent,
        current: row.current,
      }));
      return { sessions };
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/sessions/:id',
    schema: { params: idParams, response: { 204: z.undefined(), ...failures } },
    handler: async (request, reply) => {
      const ended = signedIn(await endOwnSession(database, sessionOf(request), request.params.id));
      if (ended === 0) throw new ApiError('not_found', 'There is no such session of yours');
      return await reply.status(204).send();
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/sessions',
    schema: { response: { 204: z.undefined(), ...failures } },
    handler: async (request, reply) => {
      signedIn(await endOtherSessions(database, sessionOf(request)));
      return await reply.status(204).send();
    },
  });

  app.route({
    method: 'PUT',
    url: '/v1/me/password',
    schema: { body: passwordBody, response: { 204: z.undefined(), ...failures } },
    handler: async (request, reply) => {
      const session = sessionOf(request);
      const { current, next } = request.body;
      const known = signedIn(await ownCredentials(database, session));
      // Guessing it here is no easier than at the door.
      const address = known.email ?? known.id;
      const retryAfterSeconds = loginThrottle.begin(address, request.ip);
      if (retryAfterSeconds !== undefined)
        throw new ApiError('rate_limited', 'Too many attempts', { retryAfterSeconds });
      const hash = await turns.take(
        request.ip,
        async () => {
          if (!(await verifyPassword(current, known.encrypted_password))) throw wrongPassword();
          return await hashPassword(next);
        },
        request.answered,
      );
      loginThrottle.succeeded(address, request.ip);
      const before = known.encrypted_password ?? '';
      if (!(await setOwnPassword(database, session, { before, hash }))) throw unauthenticated();
      return await reply.status(204).send();
    },
  });
}

const wrongPassword = (): ApiError =>
  new ApiError('forbidden', 'This is not your password', { field: 'current' });
