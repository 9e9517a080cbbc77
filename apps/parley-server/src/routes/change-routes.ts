import { z } from 'zod';
import type { Parley } from '../parley.ts';
import { deleteMessage, editMessage } from '../queries/change-message.ts';
import { signedIn } from '../require-person.ts';
import { failures, idParams, messageAnswer, textOf } from '../schemas.ts';
import { sessionOf } from '../sessions.ts';
import type { App } from './app.ts';
import { requireDone } from './change-outcome.ts';

const editBody = z.object({ body: textOf(1, 16_000) });

export function addChangeRoutes(app: App, { database }: Parley): void {
  app.route({
    method: 'PATCH',
    url: '/v1/messages/:id',
    schema: { params: idParams, body: editBody, response: { 200: messageAnswer, ...failures } },
    handler: async (request) => {
      const { id } = request.params;
      const changed = await editMessage(database, sessionOf(request), id, request.body.body);
      return { message: requireDone(signedIn(changed)) };
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/messages/:id',
    schema: { params: idParams, response: { 200: messageAnswer, ...failures } },
    handler: async (request) => {
      const changed = await deleteMessage(database, sessionOf(request), request.params.id);
      return { message: requireDone(signedIn(changed)) };
    },
  });
}
