import { z } from 'zod';
import { ApiError, noSuchConversation } from '../api-error.ts';
import type { Parley } from '../parley.ts';
import { type CreatedConversation, listConversations } from '../queries/conversations.ts';
import { openConversation } from '../queries/open-conversation.ts';
import { markRead, markUnread } from '../queries/mark-read.ts';
import { muteConversation } from '../queries/mute-conversation.ts';
import { signedIn } from '../require-person.ts';
import { conversationSchema, failures, idParams, idSchema, seqSchema, textOf } from '../schemas.ts';
import { sessionOf } from '../sessions.ts';
import type { App } from './app.ts';
import { toConversation } from './conversation-answer.ts';

const listAnswer = z.object({ conversations: z.array(conversationSchema) });
const createBody = z.object({
  kind: z.enum(['channel', 'direct']),
  title: textOf(0, 200),
  topic: textOf(0, 1_000).default(''),
  joinable: z.boolean().default(false).describe('Whether whoever looks for it may come in; channels only'),
  memberIds: z.array(idSchema).max(1_000).default([]),
});
const createAnswer = z.object({ conversation: conversationSchema });
const readBody = z.object({ seq: seqSchema });
const muteBody = z.object({ muted: z.boolean() });
const readAnswer = z.object({ lastReadSeq: z.number() });

export function addConversationRoutes(app: App, { database }: Parley): void {
  app.route({
    method: 'GET',
    url: '/v1/conversations',
    schema: { response: { 200: listAnswer, ...failures } },
    handler: async (request) => {
      const rows = signedIn(await listConversations(database, sessionOf(request)));
      return { conversations: rows.map(toConversation) };
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/conversations',
    schema: { body: createBody, response: { 200: createAnswer, 201: createAnswer, ...failures } },
    handler: async (request, reply) => {
      const { kind, memberIds } = request.body;
      const joinable = kind === 'channel' && request.body.joinable;
      const wanted = { ...request.body, joinable, memberIds: [...new Set(memberIds)] };
      const made = signedIn(await openConversation(database, sessionOf(request), wanted));
      if (made.outcome === 'found') return { conversation: toConversation(made.conversation) };
      const { conversation } = requireCreated(made);
      return await reply.status(201).send({ conversation: toConversation(conversation) });
    },
  });

  app.route({
    method: 'PUT',
    url: '/v1/conversations/:id/read',
    schema: { params: idParams, body: readBody, response: { 200: readAnswer, ...failures } },
    handler: async (request) => {
      const { id } = request.params;
      const mark = signedIn(await markRead(database, sessionOf(request), id, request.body.seq));
      if (mark.outcome === 'not_member') throw noSuchConversation();
      return { lastReadSeq: mark.lastReadSeq };
    },
  });

  app.route({
    method: 'PUT',
    url: '/v1/conversations/:id/unread',
    schema: { params: idParams, body: readBody, response: { 200: readAnswer, ...failures } },
    handler: async (request) => {
      const { id } = request.params;
      const mark = signedIn(await markUnread(database, sessionOf(request), id, request.body.seq));
      if (mark.outcome === 'not_member') throw noSuchConversation();
      return { lastReadSeq: mark.lastReadSeq };
    },
  });

  app.route({
    method: 'PUT',
    url: '/v1/conversations/:id/mute',
    schema: { params: idParams, body: muteBody, response: { 200: muteBody, ...failures } },
    handler: async (request) => {
      const { muted } = request.body;
      const { id } = request.params;
      const isMember = signedIn(await muteConversation(database, sessionOf(request), id, muted));
      if (!isMember) throw noSuchConversation();
      return { muted };
    },
  });
}

function requireCreated(made: CreatedConversation): Extract<CreatedConversation, { outcome: 'created' }> {
  if (made.outcome === 'created') return made;
  const [first = ''] = made.unknown;
  throw new ApiError('invalid', `${made.unknown.length} of memberIds are not people here, such as ${first}`, {
    field: 'memberIds',
    expected: 'ids of people of this workspace',
  });
}
