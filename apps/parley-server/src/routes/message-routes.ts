import { z } from 'zod';
import { ApiError, noSuchConversation } from '../api-error.ts';
import { pageOfMessages } from '../message-page.ts';
import type { Parley } from '../parley.ts';
import { toMessage } from '../queries/message-row.ts';
import { sendMessage } from '../queries/send-message.ts';
import { signedIn } from '../require-person.ts';
import {
  failures,
  idParams,
  idSchema,
  limitInQuery,
  messageAnswer,
  messageSchema,
  seqInQuery,
  textOf,
} from '../schemas.ts';
import { sessionOf } from '../sessions.ts';
import type { App } from './app.ts';

const pageQuery = z
  .object({
    before: seqInQuery.optional(),
    after: seqInQuery.optional(),
    around: seqInQuery.optional(),
    limit: limitInQuery(200, 50),
  })
  .refine(
    ({ before, after, around }) => [before, after, around].filter((key) => key !== undefined).length <= 1,
    { error: 'at most one of before, after and around', path: ['before'] },
  );

const pageAnswer = z.object({
  messages: z.array(messageSchema).describe('Ascending by seq'),
  lastSeq: z.number(),
  version: z.number(),
  hasMoreBefore: z.boolean(),
  hasMoreAfter: z.boolean(),
  window: z
    .object({ total: z.number(), firstSeq: z.number(), lastSeq: z.number() })
    .nullable()
    .describe('How long the whole conversation is, for a list that draws only what is in sight'),
});

const sendBody = z
  .object({
    clientId: z.string().regex(/^[A-Za-z0-9_-]{1,64}$/, '1 to 64 of A-Z a-z 0-9 _ -'),
    body: textOf(0, 16_000),
    threadId: idSchema.nullish(),
    attachmentIds: z.array(idSchema).max(10).default([]),
  })
  .refine(({ body, attachmentIds }) => body !== '' || attachmentIds.length > 0, {
    error: 'a text, or attachments',
    path: ['body'],
  });

export function addMessageRoutes(app: App, parley: Parley): void {
  app.route({
    method: 'GET',
    url: '/v1/conversations/:id/messages',
    schema: { params: idParams, querystring: pageQuery, response: { 200: pageAnswer, ...failures } },
    handler: async (request) =>
      await pageOfMessages(parley, sessionOf(request), request.params.id, request.query),
  });

  app.route({
    method: 'POST',
    url: '/v1/conversations/:id/messages',
    schema: {
      params: idParams,
      body: sendBody,
      response: { 200: messageAnswer, 201: messageAnswer, ...failures },
    },
    handler: async (request, reply) => {
      const conversationId = request.params.id;
      const { clientId, body, threadId = null } = request.body;
      const attachmentIds = [...new Set(request.body.attachmentIds)];
      const message = { conversationId, clientId, body, threadId, attachmentIds };
      const sent = signedIn(await sendMessage(parley.database, sessionOf(request), message));
      if (sent.outcome === 'not_member') throw noSuchConversation();
      if (sent.outcome === 'unknown_thread') throw unknownThread();
      if (sent.outcome === 'unknown_attachments') throw unknownAttachments();
      if (sent.message.conversation_id !== conversationId) throw clientIdTaken();
      if (sent.fresh) await parley.history.noteSent(sent.message);
      const status = sent.fresh ? 201 : 200;
      return await reply.status(status).send({ message: toMessage(sent.message, sent.me) });
    },
  });
}

const unknownThread = (): ApiError =>
  new ApiError('invalid', 'The message to answer is not in this conversation', {
    field: 'threadId',
    expected: 'the id of a message of the same conversation',
  });

const unknownAttachments = (): ApiError =>
  new ApiError(
    'invalid',
    'Some of the attachments are not yours, not of this conversation, or sent already',
    {
      field: 'attachmentIds',
      expected: 'ids of files that you uploaded to this conversation and have not sent',
    },
  );

const clientIdTaken = (): ApiError =>
  new ApiError('conflict', 'You sent another message with this clientId, in another conversation', {
    field: 'clientId',
    expected: 'an id that you use for one message only',
  });
