import { z } from 'zod';
import { plainLine } from './plain-line.ts';
import { isStorableText } from './storable-json.ts';

const STORABLE = { error: 'text without NUL characters and without halves of surrogate pairs' };

export const textOf = (minimum: number, maximum: number) =>
  z.string().min(minimum).max(maximum).refine(isStorableText, STORABLE);

/** A line that others read, such as a name: as plain-line.ts leaves it. With a minimum of 1 there is something to see. */
export const lineOf = (minimum: 0 | 1, maximum: number) =>
  textOf(minimum, maximum)
    .transform((text) => plainLine(text, maximum))
    .refine((line) => line.length >= minimum, { error: 'at least one character that can be seen' });

export const idSchema = z.guid().transform((id) => id.toLowerCase());
export const idParams = z.object({ id: idSchema });

export const seqSchema = z.int().min(0);
/** In a query string, where everything is text. */
export const seqInQuery = z
  .string()
  .regex(/^\d{1,15}$/, 'a whole number')
  .transform(Number);
export const limitInQuery = (maximum: number, standard: number) =>
  z.coerce.number().int().min(1).max(maximum).default(standard);

const errorBody = z
  .object({
    error: z.object({
      code: z.string(),
      message: z.string(),
      field: z.string().optional(),
      expected: z.string().optional(),
    }),
  })
  .describe('What went wrong, in words for programs (code) and for people (message)');

/** Every route may answer with these. */
export const failures = { '4xx': errorBody, '5xx': errorBody };

const attachmentSchema = z.object({
  id: z.string(),
  name: z.string(),
  mediaType: z.string(),
  sizeBytes: z.number(),
  width: z.number().nullable(),
  height: z.number().nullable(),
});

export const messageSchema = z.object({
  id: z.string(),
  conversationId: z.string(),
  seq: z.number(),
  version: z.number().describe("The conversation's version at which this message changed last"),
  senderId: z.string(),
  senderName: z.string(),
  threadId: z.string().nullable(),
  body: z.string(),
  clientId: z.string().nullable(),
  createdAt: z.string(),
  editedAt: z.string().nullable(),
  deletedAt: z.string().nullable(),
  editVersion: z.number(),
  reactions: z.array(z.object({ emoji: z.string(), count: z.number(), mine: z.boolean() })),
  replyCount: z.number(),
  lastReplyAt: z.string().nullable(),
  repliers: z.array(z.string()).describe('Who answered it last, at most three'),
  pinnedAt: z.string().nullable(),
  attachments: z.array(attachmentSchema),
});
export const messageAnswer = z.object({ message: messageSchema });

export const conversationSchema = z.object({
  id: z.string(),
  kind: z.enum(['channel', 'direct']),
  title: z.string(),
  topic: z.string(),
  lastSeq: z.number(),
  lastReadSeq: z.number(),
  unread: z.number(),
  version: z.number(),
  muted: z.boolean(),
  mentions: z.number().describe('Of the asker, unread; at most 100 are counted'),
  memberCount: z.number(),
  role: z.enum(['owner', 'member']),
  joinable: z.boolean(),
  others: z.array(z.object({ id: z.string(), name: z.string() })).describe('Of a direct one, at most three'),
  lastMessage: z
    .object({
      senderId: z.string(),
      senderName: z.string(),
      excerpt: z.string(),
      createdAt: z.string(),
      isDeleted: z.boolean(),
    })
    .nullable(),
});

export const personSchema = z.object({ id: z.string(), name: z.string(), email: z.string().nullable() });

export const flagsSchema = z.object({
  virtual_scrolling: z.boolean(),
  e2e_encryption: z.boolean(),
  multi_agent: z.boolean(),
  advanced_search: z.boolean(),
  performance_monitoring: z.boolean(),
});
