import { z } from 'zod';
import { noSuchMessage } from '../api-error.ts';
import { emojiOf } from '../emoji.ts';
import type { Parley } from '../parley.ts';
import { addReaction, readReactions, removeReaction } from '../queries/react.ts';
import { signedIn } from '../require-person.ts';
import { failures, idParams, idSchema, messageAnswer } from '../schemas.ts';
import { sessionOf } from '../sessions.ts';
import type { App } from './app.ts';
import { requireDone } from './change-outcome.ts';

const NOT_AN_EMOJI = 'one emoji, URL-encoded';

const reactionParams = z.object({
  id: idSchema,
  emoji: z.string().transform((text, context) => {
    const emoji = emojiOf(text);
    if (emoji !== undefined) return emoji;
    context.addIssue({ code: 'custom', message: NOT_AN_EMOJI });
    return z.NEVER;
  }),
});

const reactionsAnswer = z.object({
  reactions: z.array(
    z.object({
      emoji: z.string(),
      people: z.array(z.object({ id: z.string(), name: z.string() })).describe('The first fifty'),
    }),
  ),
});

export function addReactionRoutes(app: App, { database }: Parley): void {
  app.route({
    method: 'PUT',
    url: '/v1/messages/:id/reactions/:emoji',
    schema: { params: reactionParams, response: { 200: messageAnswer, ...failures } },
    handler: async (request) => {
      const { id, emoji } = request.params;
      return { message: requireDone(signedIn(await addReaction(database, sessionOf(request), id, emoji))) };
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/messages/:id/reactions/:emoji',
    schema: { params: reactionParams, response: { 200: messageAnswer, ...failures } },
    handler: async (request) => {
      const { id, emoji } = request.params;
      const changed = await removeReaction(database, sessionOf(request), id, emoji);
      return { message: requireDone(signedIn(changed)) };
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/messages/:id/reactions',
    schema: { params: idParams, response: { 200: reactionsAnswer, ...failures } },
    handler: async (request) => {
      const reactions = signedIn(await readReactions(database, sessionOf(request), request.params.id));
      if (reactions === null) throw noSuchMessage();
      return { reactions };
    },
  });
}
