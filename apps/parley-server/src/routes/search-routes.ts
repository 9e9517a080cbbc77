import { z } from 'zod';
import { noSuchConversation } from '../api-error.ts';
import type { Parley } from '../parley.ts';
import { findInConversation } from '../queries/find-in-conversation.ts';
import { toMessage } from '../queries/message-row.ts';
import { requirePerson, signedIn } from '../require-person.ts';
import { failures, idSchema, limitInQuery, messageSchema, textOf } from '../schemas.ts';
import type { Found } from '../search.ts';
import { sessionOf } from '../sessions.ts';
import type { App } from './app.ts';

const searchQuery = z.object({
  q: textOf(1, 500),
  limit: limitInQuery(50, 20),
  conversationId: idSchema.optional().describe('Looks for messages with all of the words in this one'),
});
const searchAnswer = z.object({ mode: z.enum(['basic', 'advanced']), results: z.array(messageSchema) });

export function addSearchRoutes(app: App, { database, search }: Parley): void {
  app.route({
    method: 'GET',
    url: '/v1/search',
    schema: { querystring: searchQuery, response: { 200: searchAnswer, ...failures } },
    handler: async (request): Promise<Found> => {
      const { q, limit, conversationId } = request.query;
      if (conversationId !== undefined) {
        const words = q.split(/\s+/u).filter((word) => word !== '');
        const found = await findInConversation(database, sessionOf(request), conversationId, {
          words,
          limit,
        });
        const answer = signedIn(found);
        if (answer === null) throw noSuchConversation();
        return { mode: 'basic', results: answer.rows.map((row) => toMessage(row, answer.me)) };
      }
      const person = await requirePerson(database, request);
      return await search(person, q, limit);
    },
  });
}
