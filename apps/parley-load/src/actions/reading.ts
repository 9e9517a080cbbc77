import { readFlags } from '../feature-use.ts';
import { checkPage, type PageKey } from '../page-check.ts';
import { type Conversation, type Page, readConversations, readPage } from '../parley-shapes.ts';
import type { Person } from '../person.ts';
import type { Timeline } from '../timeline.ts';
import type { Action, Errand, Planner, World } from '../world.ts';

const PAGE_SIZE = 50;
const CATCH_UP_SIZE = 200;

export function readFlagsErrand(world: World, person: Person): Errand {
  return {
    action: 'read_flags',
    call: { method: 'GET', path: '/v1/flags' },
    settle: (body) => {
      person.flags = readFlags(body);
      for (const feature of person.flags) world.features.shown(feature, person.id);
    },
  };
}

export function listConversationsErrand(world: World, person: Person): Errand {
  const known = new Map(person.conversations.map(({ id }) => [id, world.expected.knownLastSeq(id)]));
  return {
    action: 'list_conversations',
    call: { method: 'GET', path: '/v1/conversations' },
    settle: (body) => {
      person.conversations = readConversations(body);
      world.report(person.conversations.flatMap((conversation) => checkListed(conversation, known)));
    },
  };
}

function checkListed({ id, lastSeq }: Conversation, known: ReadonlyMap<string, number>) {
  const due = known.get(id) ?? 0;
  if (lastSeq >= due) return [];
  const found = `a list that ends at ${lastSeq}`;
  return [
    { violation: 'missing' as const, conversationId: id, seq: due, expected: `at least ${due}`, found },
  ];
}

export const openConversation: Planner = (world, person) => {
  if (person.conversations.length === 0) return undefined;
  const { id } = world.random.pickNearFront(person.conversations);
  return pageErrand(world, 'open_conversation', id, { key: 'newest' }, PAGE_SIZE, (page) => {
    world.report(person.open(id, page).see(page));
  });
};

export const pageBack: Planner = (world, person) => {
  const timeline = pickFollowed(world, person, ({ oldestSeq }) => oldestSeq > 1);
  if (timeline === undefined) return undefined;
  const asked: PageKey = { key: 'before', seq: timeline.oldestSeq };
  return pageErrand(world, 'page_back', timeline.conversationId, asked, PAGE_SIZE, (page) => {
    world.report(timeline.see(page));
    timeline.pagedBackTo(page.messages[0]?.seq ?? timeline.oldestSeq);
  });
};

export const catchUp: Planner = (world, person) => {
  const timeline =
    pickFollowed(world, person, ({ isBehind }) => isBehind) ?? pickFollowed(world, person, () => true);
  return timeline === undefined ? undefined : catchUpErrand(world, timeline);
};

export function catchUpErrand(world: World, timeline: Timeline): Errand {
  const asked: PageKey = { key: 'after', seq: timeline.seenSeq };
  return pageErrand(world, 'catch_up', timeline.conversationId, asked, CATCH_UP_SIZE, (page) => {
    world.report(timeline.see(page));
  });
}

/** Drags the scroll bar somewhere. Only with virtual scrolling: without it a client has no place to drag to. */
export const jump: Planner = (world, person) => {
  const timeline = pickFollowed(world, person, ({ seenSeq }) => seenSeq > 1);
  if (timeline === undefined) return undefined;
  const asked: PageKey = { key: 'around', seq: world.random.between(1, timeline.seenSeq) };
  return pageErrand(world, 'jump', timeline.conversationId, asked, PAGE_SIZE, (page) => {
    // Not for the timeline: it is about what this person has seen without a gap.
    if (page.windowed) world.features.used('virtual_scrolling', person.id);
  });
};

/** A page of a conversation, checked against everything that was known when it was asked for. */
export function pageErrand(
  world: World,
  action: Action,
  conversationId: string,
  asked: PageKey,
  limit: number,
  take: (page: Page) => void,
): Errand {
  const askedAt = world.expected.moment();
  const knownLastSeq = world.expected.knownLastSeq(conversationId);
  const key = asked.key === 'newest' ? '' : `${asked.key}=${asked.seq}&`;
  return {
    action,
    call: { method: 'GET', path: `/v1/conversations/${conversationId}/messages?${key}limit=${limit}` },
    settle: (body) => {
      const page = readPage(body);
      world.report(checkPage(conversationId, asked, page, knownLastSeq));
      for (const message of page.messages) {
        const violation = world.expected.check(message, askedAt);
        if (violation !== undefined) world.report([violation]);
      }
      take(page);
    },
  };
}

function pickFollowed(
  world: World,
  person: Person,
  isFit: (timeline: Timeline) => boolean,
): Timeline | undefined {
  const fit = [...person.timelines.values()].filter(isFit);
  return fit.length === 0 ? undefined : world.random.pick(fit);
}
