import { z } from 'zod';
import { ApiError, noSuchConversation } from '../api-error.ts';
import type { Parley } from '../parley.ts';
import {
  addMembers,
  joinChannel,
  listChannels,
  listMembers,
  type MemberCursor,
  type Moved,
  removeMember,
  renameChannel,
} from '../queries/members.ts';
import { signedIn } from '../require-person.ts';
import { failures, idParams, idSchema, limitInQuery, lineOf, textOf } from '../schemas.ts';
import { sessionOf } from '../sessions.ts';
import { isStorableText } from '../storable-json.ts';
import type { App } from './app.ts';

/** Names come from elsewhere too, and nobody said how long they are; more than this is not let in with an address. */
const LONGEST_CURSOR = 12_000;

/** "Name" and id of the last one of the page before, as we made it. */
const cursorSchema = z
  .string()
  .max(LONGEST_CURSOR)
  .transform((text) => Buffer.from(text, 'base64url').toString())
  .refine(
    (text) => /^[0-9a-f-]{36} /.test(text) && isStorableText(text),
    'what an earlier page gave as "next"',
  )
  .transform((text): MemberCursor => ({ id: text.slice(0, 36), name: text.slice(37) }));
const toCursor = ({ id, name }: MemberCursor): string => Buffer.from(`${id} ${name}`).toString('base64url');
const BEGINNING: MemberCursor = { name: '', id: '' };

const membersQuery = z.object({
  after: cursorSchema.optional(),
  q: textOf(0, 100).default(''),
  limit: limitInQuery(200, 100),
});
const memberSchema = z.object({
  id: z.string(),
  name: z.string(),
  title: z.string(),
  role: z.enum(['owner', 'member']),
  lastReadSeq: z.number(),
  isActive: z.boolean(),
});
const membersAnswer = z.object({ members: z.array(memberSchema), next: z.string().nullable() });
const inviteBody = z.object({ userIds: z.array(idSchema).min(1).max(100) });
const movedAnswer = z.object({ userIds: z.array(z.string()).describe('Who came in by this') });
const memberParams = z.object({ id: idSchema, userId: idSchema });
const renameBody = z.object({ title: lineOf(1, 200).optional(), topic: lineOf(0, 1_000).optional() });
const channelsQuery = z.object({ q: textOf(0, 100).default('') });
const channelSchema = z.object({
  id: z.string(),
  title: z.string(),
  topic: z.string(),
  memberCount: z.number(),
  isMember: z.boolean(),
});
const channelsAnswer = z.object({ channels: z.array(channelSchema) });

export function addMemberRoutes(app: App, { database }: Parley): void {
  app.route({
    method: 'GET',
    url: '/v1/conversations/:id/members',
    schema: { params: idParams, querystring: membersQuery, response: { 200: membersAnswer, ...failures } },
    handler: async (request) => {
      const { after = BEGINNING, q, limit } = request.query;
      const asked = { after, words: q.trim(), limit };
      const rows = signedIn(await listMembers(database, sessionOf(request), request.params.id, asked));
      if (rows === null) throw noSuchConversation();
      const last = rows.at(-1);
      const members = rows.map(({ id, name, title, role, last_read_seq, is_active }) => {
        return { id, name, title, role, lastReadSeq: last_read_seq, isActive: is_active };
      });
      return { members, next: last === undefined || rows.length < limit ? null : toCursor(last) };
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/conversations/:id/members',
    schema: { params: idParams, body: inviteBody, response: { 200: movedAnswer, ...failures } },
    handler: async (request) => {
      const { id } = request.params;
      const asked = await addMembers(database, sessionOf(request), id, request.body.userIds);
      return { userIds: requireChannel(asked).moved };
    },
  });

  app.route({
    method: 'DELETE',
    url: '/v1/conversations/:id/members/:userId',
    schema: { params: memberParams, response: { 204: z.undefined(), ...failures } },
    handler: async (request, reply) => {
      const { id, userId } = request.params;
      const asked = signedIn(await removeMember(database, sessionOf(request), id, userId));
      const { moved } = requireChannel(asked);
      if (moved.length === 0 && !asked.self && asked.role !== 'owner') throw onlyOwners();
      return await reply.status(204).send();
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/conversations/:id/join',
    schema: { params: idParams, response: { 204: z.undefined(), ...failures } },
    handler: async (request, reply) => {
      requireChannel(await joinChannel(database, sessionOf(request), request.params.id));
      return await reply.status(204).send();
    },
  });

  app.route({
    method: 'PATCH',
    url: '/v1/conversations/:id',
    schema: { params: idParams, body: renameBody, response: { 204: z.undefined(), ...failures } },
    handler: async (request, reply) => {
      const { title = null, topic = null } = request.body;
      const { id } = request.params;
      requireChannel(await renameChannel(database, sessionOf(request), id, { title, topic }));
      return await reply.status(204).send();
    },
  });

  app.route({
    method: 'GET',
    url: '/v1/channels',
    schema: { querystring: channelsQuery, response: { 200: channelsAnswer, ...failures } },
    handler: async (request) => {
      const rows = signedIn(await listChannels(database, sessionOf(request), request.query.q.trim()));
      const channels = rows.map(({ id, title, topic, member_count, is_member }) => {
        return { id, title, topic, memberCount: member_count, isMember: is_member };
      });
      return { channels };
    },
  });
}

function requireChannel(asked: Moved | undefined): Moved {
  const done = signedIn(asked);
  if (!done.member) throw noSuchConversation();
  if (done.kind === 'direct') {
    throw new ApiError('conflict', 'The people of a direct conversation stay as they are', {
      expected: 'a channel, or a new direct conversation',
    });
  }
  return done;
}

const onlyOwners = (): ApiError =>
  new ApiError('forbidden', 'Only an owner may take others out of a channel');
