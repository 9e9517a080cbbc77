import { generateKeyPairSync } from 'node:crypto';
import type { Person } from '../person.ts';
import { listOf, record, text, truth, wholeNumber } from '../shape.ts';
import { composeQuery } from '../texts/compose.ts';
import { readMessage } from '../parley-shapes.ts';
import type { Planner, World } from '../world.ts';

export const search: Planner = (world, person) => {
  const words = composeQuery(world.random);
  const query = person.has('advanced_search') ? withOperators(world, person, words) : words;
  const askedAt = world.expected.moment();
  return {
    action: 'search',
    call: { method: 'GET', path: `/v1/search?${new URLSearchParams({ q: query, limit: '20' }).toString()}` },
    settle: (body) => {
      const answer = record(body, 'answer');
      if (text(answer['mode'], 'answer.mode') === 'advanced')
        world.features.used('advanced_search', person.id);
      for (const message of listOf(answer['results'], 'answer.results', readMessage)) {
        const violation = world.expected.check(message, askedAt);
        if (violation !== undefined) world.report([violation]);
      }
    },
  };
};

function withOperators(world: World, person: Person, words: string): string {
  const { random } = world;
  const title = person.conversations.length === 0 ? '' : random.pickNearFront(person.conversations).title;
  const operators = [
    `after:${isoDate(-random.between(30, 400))}`,
    `before:${isoDate(random.between(1, 3))}`,
    ...quoted('in', title),
    ...quoted('from', person.name),
  ];
  return random.chance(0.3) ? words : `${random.pick(operators)} ${words}`;
}

function quoted(operator: string, value: string): string[] {
  return value === '' || value.includes('"') ? [] : [`${operator}:"${value}"`];
}

function isoDate(inDays: number): string {
  return new Date(Date.now() + inDays * 86_400_000).toISOString().slice(0, 10);
}

/** Once in a log-in: a real key pair; the private half is thrown away, nothing is sealed for it yet. */
export const publishKey: Planner = (world, person) => {
  if (person.hasPublishedKey) return undefined;
  person.hasPublishedKey = true;
  const { x } = generateKeyPairSync('x25519').publicKey.export({ format: 'jwk' });
  const publicKey = Buffer.from(text(x, 'the public key'), 'base64url').toString('base64');
  return {
    action: 'publish_key',
    call: { method: 'PUT', path: '/v1/keys', body: { publicKey } },
    settle: (body) => {
      person.hasPublishedKey = truth(record(body, 'answer')['published'], 'answer.published');
      if (person.hasPublishedKey) world.features.used('e2e_encryption', person.id);
    },
    giveUp: () => {
      person.hasPublishedKey = false;
    },
  };
};

export const postTimings: Planner = (world, person) => {
  if (person.timings.length === 0) return undefined;
  const timings = person.timings;
  person.timings = [];
  return {
    action: 'post_timings',
    call: { method: 'POST', path: '/v1/timings', body: { timings } },
    settle: (body) => {
      const accepted = wholeNumber(record(body, 'answer')['accepted'], 'answer.accepted');
      if (accepted > 0) world.features.used('performance_monitoring', person.id);
    },
  };
};

/** Asks one of the agents about a conversation; the first time, which agents there are. */
export const askAgent: Planner = (world, person) => {
  const agent = person.agents.length === 0 ? undefined : world.random.pick(person.agents);
  const followed = [...person.timelines.keys()];
  if (agent === undefined || followed.length === 0) return listAgents(world, person);
  const conversationId = world.random.pick(followed);
  return {
    action: 'ask_agent',
    call: { method: 'POST', path: `/v1/conversations/${conversationId}/agents/${agent}`, body: {} },
    settle: (body) => {
      const answer = record(body, 'answer');
      if (answer['agent'] === null) return;
      text(record(answer['reply'], 'answer.reply')['text'], 'answer.reply.text');
      world.features.used('multi_agent', person.id);
    },
  };
};

const listAgents: Planner = (_world, person) => ({
  action: 'list_agents',
  call: { method: 'GET', path: '/v1/agents' },
  settle: (body) => {
    person.agents = listOf(record(body, 'answer')['agents'], 'answer.agents', (value, place) =>
      text(record(value, place)['id'], `${place}.id`),
    );
  },
});
