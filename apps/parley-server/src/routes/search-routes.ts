import { z } from 'zod';
import { noSuchConversation } from '../api-error.ts';
import { withBatch1Fallback } from '../batch-2.ts';
import { FEATURES } from '../features.ts';
import type { Parley } from '../parley.ts';
import { findInConversation } from '../queries/find-in-conversation.ts';
import { type Message, toMessage } from '../queries/message-row.ts';
import { searchAdvanced, searchBasic } from '../queries/search-messages.ts';
import { requirePerson, signedIn } from '../require-person.ts';
import { failures, idSchema, limitInQuery, messageSchema, textOf } from '../schemas.ts';
import { sessionOf } from '../sessions.ts';
import { parseSearchQuery } from '../search-query.ts';
import type { App } from './app.ts';

const searchQuery = z.object({
  q: textOf(1, 500),
  limit: limitInQuery(50, 20),
  conversationId: idSchema.optional().describe('Looks for messages with all of the words in this one'),
});
const searchAnswer = z.object({ mode: z.enum(['basic', 'advanced']), results: z.array(messageSchema) });

type SearchAnswer = { mode: 'basic' | 'advanced'; results: Message[] };

export function addSearchRoutes(app: App, { database, features, metrics }: Parley): void {
  app.route({
    method: 'GET',
    url: '/v1/search',
    schema: { querystring: searchQuery, response: { 200: searchAnswer, ...failures } },
    handler: async (request): Promise<SearchAnswer> => {
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
      const basic = async (): Promise<SearchAnswer> => {
        const rows = await searchBasic(database, person.id, q, limit);
        return { mode: 'basic', results: rows.map((row) => toMessage(row, person.id)) };
      };
      const advanced = async (): Promise<SearchAnswer> => {
        const rows = await searchAdvanced(database, person.id, parseSearchQuery(q), limit);
        features.used(FEATURES.ADVANCED_SEARCH, person);
        return { mode: 'advanced', results: rows.map((row) => toMessage(row, person.id)) };
      };
      if (!(await features.isFeatureEnabled(FEATURES.ADVANCED_SEARCH, person))) return await basic();
      return await withBatch1Fallback(FEATURES.ADVANCED_SEARCH, metrics, advanced, basic);
    },
  });
}
