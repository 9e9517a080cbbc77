import { type Message, readChanges, readSingleMessage, readThread } from '../parley-shapes.ts';
import type { OwnMessage, Person } from '../person.ts';
import type { Planner, World } from '../world.ts';

const EMOJIS = ['🎉', '👍', '👀', '❤️', '🚇', '⚓'];

/**
 * Puts an emoji under a message of one's own, or takes it back. One's own, since nobody else may delete it meanwhile: a refusal
 * would be the server's fault.
 */
export const react: Planner = (world, person) => {
  const own = pickOwn(world, person, () => true);
  if (own === undefined) return undefined;
  const before = own.reaction;
  const emoji = before ?? world.random.pick(EMOJIS);
  own.isBusy = true;
  return {
    action: 'react',
    call: {
      method: before === undefined ? 'PUT' : 'DELETE',
      path: `/v1/messages/${own.id}/reactions/${encodeURIComponent(emoji)}`,
    },
    settle: (answer) => {
      const message = readSingleMessage(answer);
      own.isBusy = false;
      own.reaction = before === undefined ? emoji : undefined;
      checkReaction(world, own, message);
    },
    giveUp: () => person.forget(own),
  };
};

/** Asks for what has changed since the version up to which this person knows everything, as the page does after every event. */
export const followChanges: Planner = (world, person) => {
  const known = [...person.versions];
  if (known.length === 0) return undefined;
  const [conversationId, since] = world.random.pick(known);
  const askedAt = world.expected.moment();
  return {
    action: 'follow_changes',
    call: { method: 'GET', path: `/v1/conversations/${conversationId}/changes?since=${since}` },
    settle: (answer) => {
      const { messages, version, hasMore } = readChanges(answer);
      const versions = messages.map((message) => message.version);
      const isAscending = versions.every((one, at) => one > since && one >= (versions[at - 1] ?? 0));
      if (!isAscending || version < since) {
        const found = `${versions.join(', ')} up to ${version}`;
        world.report([
          { violation: 'outOfOrder', conversationId, seq: 0, expected: `versions after ${since}`, found },
        ]);
      }
      for (const message of messages) {
        const violation = world.expected.check(message, askedAt);
        if (violation !== undefined) world.report([violation]);
      }
      const reached = hasMore ? (versions.at(-1) ?? since) : version;
      if (person.versions.has(conversationId))
        person.versions.set(conversationId, Math.max(reached, person.versions.get(conversationId) ?? 0));
    },
  };
};

/** Opens a thread of one's own, in which every answer that was acknowledged has to be counted. */
export const openThread: Planner = (world, person) => {
  const own = pickOwn(world, person, ({ answers, isReply }) => answers > 0 && !isReply);
  if (own === undefined) return undefined;
  const due = own.answers;
  own.isBusy = true;
  return {
    action: 'read_thread',
    call: { method: 'GET', path: `/v1/messages/${own.id}/thread` },
    settle: (answer) => {
      own.isBusy = false;
      const { root, replies } = readThread(answer);
      // An answer may have been deleted by whoever gave it: it still has its place in the thread.
      if (replies.length >= due) return;
      const found = `${replies.length} answers, counted as ${root.replyCount}`;
      const { id, conversationId, seq } = root;
      world.report([{ violation: 'missing', conversationId, seq, id, expected: `${due} answers`, found }]);
    },
    giveUp: () => {
      own.isBusy = false;
    },
  };
};

/** From the newest that one has seen on, so that it is found again. */
export const markUnread: Planner = (world, person) => {
  if (person.timelines.size === 0) return undefined;
  const { conversationId, seenSeq } = world.random.pick([...person.timelines.values()]);
  if (seenSeq === 0) return undefined;
  return {
    action: 'mark_unread',
    call: { method: 'PUT', path: `/v1/conversations/${conversationId}/unread`, body: { seq: seenSeq } },
    settle: () => {},
  };
};

function checkReaction(
  world: World,
  own: OwnMessage,
  { ownReactions, conversationId, seq, id }: Message,
): void {
  const expected = own.reaction === undefined ? 'no reaction' : own.reaction;
  const isThere =
    own.reaction === undefined ? ownReactions.length === 0 : ownReactions.includes(own.reaction);
  if (isThere) return;
  world.report([{ violation: 'changed', conversationId, seq, id, expected, found: ownReactions.join(' ') }]);
}

function pickOwn(world: World, person: Person, isFit: (own: OwnMessage) => boolean): OwnMessage | undefined {
  const free = person.ownMessages.filter((own) => !own.isBusy && isFit(own));
  return free.length === 0 ? undefined : world.random.pick(free);
}
