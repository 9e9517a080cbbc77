import { z } from 'zod';
import { ApiError, noSuchConversation } from '../api-error.ts';
import type { Database } from '../database.ts';
import { FEATURES } from '../features.ts';
import { authoriseReading, readPage } from '../queries/read-page.ts';
import { requirePerson, signedIn } from '../require-person.ts';
import type { App } from '../routes/app.ts';
import { failures, idSchema } from '../schemas.ts';
import { sessionOf } from '../sessions.ts';
import { agents, describeAgent } from './agents/catalog.ts';
import type { FlaggedFeatures } from './flagged-features.ts';

/** How much of a conversation an agent reads. */
const NEWEST = 200;

const agentSchema = z.object({ id: z.string(), title: z.string(), about: z.string() });
const listAnswer = z.object({ agents: z.array(agentSchema) });
const askParams = z.object({ id: idSchema, agent: z.string().max(64) });
const askBody = z.object({});
const askAnswer = z.object({
  agent: agentSchema.nullable(),
  reply: z
    .object({
      text: z.string(),
      basis: z.literal('extract').describe('Put together from the messages by rules; no language model'),
      messageIds: z.array(z.string()),
    })
    .nullable(),
});

type Parts = { database: Database; features: FlaggedFeatures };

export function addAgentRoutes(app: App, { database, features }: Parts): void {
  app.route({
    method: 'GET',
    url: '/v1/agents',
    schema: { response: { 200: listAnswer, ...failures } },
    handler: async (request) => {
      const person = await requirePerson(database, request);
      const enabled = await features.isFeatureEnabled(FEATURES.MULTI_AGENT, person);
      return { agents: enabled ? agents.map(describeAgent) : [] };
    },
  });

  app.route({
    method: 'POST',
    url: '/v1/conversations/:id/agents/:agent',
    schema: { params: askParams, body: askBody, response: { 200: askAnswer, ...failures } },
    handler: async (request) => {
      const { id, agent: agentId } = request.params;
      const access = signedIn(await authoriseReading(database, sessionOf(request), id));
      if (access.conversation === undefined) throw noSuchConversation();
      const enabled = await features.isFeatureEnabled(FEATURES.MULTI_AGENT, { id: access.me });
      if (!enabled) return { agent: null, reply: null };
      const agent = agents.find((candidate) => candidate.id === agentId);
      if (agent === undefined) throw noSuchAgent();
      const range = { side: 'before', seq: Number.MAX_SAFE_INTEGER, limit: NEWEST } as const;
      const page = await readPage(database, id, access.me, range);
      if (page === undefined) throw noSuchConversation();
      const reply = agent.answer(page.rows.filter((row) => row.deleted_at === null));
      features.used(FEATURES.MULTI_AGENT, { id: access.me });
      return { agent: describeAgent(agent), reply: { ...reply, basis: 'extract' as const } };
    },
  });
}

const noSuchAgent = (): ApiError =>
  new ApiError('not_found', 'There is no such agent', {
    field: 'agent',
    expected: agents.map(({ id }) => id).join(' or '),
  });
