import { z } from 'zod';
import { excerptOfMessage } from '../excerpt.ts';
import type { Parley } from '../parley.ts';
import { listNotifications, type NotificationRow, readNotifications } from '../queries/notifications.ts';
import { signedIn } from '../require-person.ts';
import { failures, limitInQuery, seqInQuery } from '../schemas.ts';
import { sessionOf } from '../sessions.ts';
import type { App } from './app.ts';

const EXCERPT_CHARACTERS = 200;

const notificationSchema = z.object({
  id: z.string().describe('Digits; greater ones are newer'),
  kind: z.enum(['mention', 'reply']),
  conversationId: z.string(),
  conversationTitle: z.string(),
  messageId: z.string(),
  seq: z.number(),
  threadId: z.string().nullable(),
  senderId: z.string(),
  senderName: z.string(),
  excerpt: z.string(),
  createdAt: z.string(),
  readAt: z.string().nullable(),
});

const listQuery = z.object({
  before: seqInQuery.default(Number.MAX_SAFE_INTEGER),
  limit: limitInQuery(100, 50),
});
const unread = z.number().describe('At most 1,000 are counted');
const listAnswer = z.object({
  notifications: z.array(notificationSchema).describe('The newest first'),
  unread,
});
const readBody = z.object({ upTo: seqInQuery });
const readAnswer = z.object({ unread });

export function addNotificationRoutes(app: App, { database }: Parley): void {
  app.route({
    method: 'GET',
    url: '/v1/notifications',
    schema: { querystring: listQuery, response: { 200: listAnswer, ...failures } },
    handler: async (request) => {
      const list = signedIn(await listNotifications(database, sessionOf(request), request.query));
      return { notifications: list.rows.map(toNotification), unread: list.unread };
    },
  });

  app.route({
    method: 'PUT',
    url: '/v1/notifications/read',
    schema: { body: readBody, response: { 200: readAnswer, ...failures } },
    handler: async (request) => ({
      unread: signedIn(await readNotifications(database, sessionOf(request), request.body.upTo)),
    }),
  });
}

function toNotification(row: NotificationRow): z.output<typeof notificationSchema> {
  return {
    id: String(row.id),
    kind: row.kind,
    conversationId: row.conversation_id,
    conversationTitle: row.conversation_title,
    messageId: row.message_id,
    seq: row.seq,
    threadId: row.thread_id,
    senderId: row.sender_id,
    senderName: row.sender_name,
    excerpt: excerptOfMessage(row, EXCERPT_CHARACTERS),
    createdAt: row.created_at.toISOString(),
    readAt: row.read_at?.toISOString() ?? null,
  };
}
