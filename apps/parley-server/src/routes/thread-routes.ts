import { z } from 'zod';
import { noSuchConversation, noSuchMessage } from '../api-error.ts';
import type { Parley } from '../parley.ts';
import { pinMessage } from '../queries/change-message.ts';
import { toMessage } from '../queries/message-row.ts';
import { readPins } from '../queries/read-pins.ts';
import { readThread } from '../queries/read-thread.ts';
import { signedIn } from '../require-person.ts';
import { failures, idParams, limitInQuery, messageAnswer, messageSchema, seqInQuery } from '../schemas.ts';
import { sessionOf } from '../sessions.ts';
import type { App } from './app.ts';
import { requireDone } from './change-outcome.ts';

const threadQuery = z.object({
  before: seqInQuery.default(Number.MAX_SAFE_INTEGER),
  limit: limitInQuery(200, 100),
});
const threadAnswer = z.object({
  root: messageSchema,
  replies: z.array(messageSchema).describe('Ascending by seq'),
  hasMoreBefore: z.boolean(),
});
const pinsAnswer = z.object({ messages: z.array(messageSchema).describe('The newest pin first') });

/** Messages that belong together: a thread, and what a conversation keeps in sight. */
export function addThreadRoutes(app: App, { database }: Parley): void {
  app.route({
    method: 'GET',
    url: '/v1/messages/:id/thread',
    schema: { params: idParams, querystring: threadQuery, response: { 200: threadAnswer, ...failures } },
    handler: async (request) => {
      const { id } = request.params;
      const thread = signedIn(await readThread(database, sessionOf(request), id, request.query));
      if (thread === null) throw noSuchMessage();
      const { me, root, replies, hasMoreBefore } = thread;
      return {
        root: toMessage(root, me),
        replies: replies.map((row) => toMessage(row, me)),
        hasMoreBefore,
      };
    },
  });

  for (const [method, pinned] of [
    ['PUT', true],
    ['DELETE', false],
  ] as const) {
    app.route({
      method,
      url: '/v1/messages/:id/pin',
      schema: { params: idParams, response: { 200: messageAnswer, ...failures } },
      handler: async (request) => {
        const changed = await pinMessage(database, sessionOf(request), request.params.id, pinned);
        return { message: requireDone(signedIn(changed)) };
      },
    });
  }

  app.route({
    method: 'GET',
    url: '/v1/conversations/:id/pins',
    schema: { params: idParams, response: { 200: pinsAnswer, ...failures } },
    handler: async (request) => {
      const pins = signedIn(await readPins(database, sessionOf(request), request.params.id));
      if (pins.outcome === 'not_member') throw noSuchConversation();
      return { messages: pins.rows.map((row) => toMessage(row, pins.me)) };
    },
  });
}
