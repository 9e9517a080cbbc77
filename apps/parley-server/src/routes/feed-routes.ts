import { z } from 'zod';
import { noSuchConversation } from '../api-error.ts';
import type { Parley } from '../parley.ts';
import { toMessage } from '../queries/message-row.ts';
import { readChanges } from '../queries/read-changes.ts';
import { signedIn } from '../require-person.ts';
import { failures, idParams, limitInQuery, messageSchema, seqInQuery } from '../schemas.ts';
import { sessionOf } from '../sessions.ts';
import type { App } from './app.ts';

const changesQuery = z.object({ since: seqInQuery, limit: limitInQuery(500, 200) });
const changesAnswer = z.object({
  messages: z.array(messageSchema).describe('Ascending by version; more than the limit where some share one'),
  version: z.number(),
  lastSeq: z.number(),
  hasMore: z.boolean().describe("Ask again since the last message's version"),
});

export function addFeedRoutes(app: App, { database }: Parley): void {
  app.route({
    method: 'GET',
    url: '/v1/conversations/:id/changes',
    schema: { params: idParams, querystring: changesQuery, response: { 200: changesAnswer, ...failures } },
    handler: async (request) => {
      const { id } = request.params;
      const changes = signedIn(await readChanges(database, sessionOf(request), id, request.query));
      if (changes.outcome === 'not_member') throw noSuchConversation();
      const { me, rows, version, lastSeq, hasMore } = changes;
      return { messages: rows.map((row) => toMessage(row, me)), version, lastSeq, hasMore };
    },
  });
}
