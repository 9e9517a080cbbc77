import { randomUUID } from 'node:crypto';
import { type Message, readSingleMessage } from '../parley-shapes.ts';
import type { OwnMessage, Person } from '../person.ts';
import { record, wholeNumber } from '../shape.ts';
import { composeMessage, reviseMessage } from '../texts/compose.ts';
import type { Errand, Planner, World } from '../world.ts';

const REPLY_SHARE = 0.12;

export const send: Planner = (world, person) => {
  if (person.conversations.length === 0) return undefined;
  const conversationId = pickConversation(world, person);
  const body = composeMessage(world.random);
  const clientId = randomUUID();
  const parent = world.random.chance(REPLY_SHARE)
    ? person.ownMessages.find((own) => own.conversationId === conversationId && !own.isReply && !own.isBusy)
    : undefined;
  const attempt = world.expected.sending(conversationId, person.id, body);
  return {
    action: 'send',
    writesIn: conversationId,
    call: {
      method: 'POST',
      path: `/v1/conversations/${conversationId}/messages`,
      body: { clientId, body, ...(parent === undefined ? {} : { threadId: parent.id }) },
    },
    settle: (answer) => {
      const message = readSingleMessage(answer);
      attempt.acknowledged();
      // What counts as promised is what was sent: an answer that says something else has changed it.
      world.expected.sent({ ...message, body, conversationId, senderId: person.id });
      checkAnswer(world, message);
      world.acknowledged('send', { ...message, body });
      const isReply = parent !== undefined;
      if (parent !== undefined) parent.answers += 1;
      person.remember({ id: message.id, conversationId, isReply, body, answers: 0, isBusy: false });
    },
  };
};

export const edit: Planner = (world, person) => {
  const own = pickOwn(world, person);
  return own === undefined
    ? undefined
    : changeErrand(world, person, own, reviseMessage(world.random, own.body));
};

export const remove: Planner = (world, person) => {
  const own = pickOwn(world, person);
  return own === undefined ? undefined : changeErrand(world, person, own, null);
};

/** @param body the new one; null deletes. */
function changeErrand(world: World, person: Person, own: OwnMessage, body: string | null): Errand {
  const write = body === null ? 'delete' : 'edit';
  const acknowledge = world.expected.changing(own.id, body);
  own.isBusy = true;
  if (body === null) person.forget(own);
  const path = `/v1/messages/${own.id}`;
  return {
    action: write,
    call: body === null ? { method: 'DELETE', path } : { method: 'PATCH', path, body: { body } },
    settle: (answer, tries) => {
      const message = readSingleMessage(answer);
      acknowledge();
      checkAnswer(world, message);
      world.acknowledged(write, { ...message, id: own.id, body: body ?? '' });
      own.body = body ?? '';
      own.isBusy = false;
      // An earlier try may still be on its way through a dying server: leave this message alone from now on.
      if (tries > 1) person.forget(own);
    },
    giveUp: () => {
      person.forget(own);
      world.uncertain(write, own.id, own.conversationId, body ?? '');
    },
  };
}

export const markRead: Planner = (world, person) => {
  if (person.timelines.size === 0) return undefined;
  const { conversationId, seenSeq } = world.random.pick([...person.timelines.values()]);
  return {
    action: 'mark_read',
    call: { method: 'PUT', path: `/v1/conversations/${conversationId}/read`, body: { seq: seenSeq } },
    settle: (answer) => {
      const lastReadSeq = wholeNumber(record(answer, 'answer')['lastReadSeq'], 'answer.lastReadSeq');
      if (lastReadSeq >= seenSeq) return;
      const expected = `read up to at least ${seenSeq}`;
      const found = `up to ${lastReadSeq}`;
      world.report([{ violation: 'changed', conversationId, seq: seenSeq, expected, found }]);
    },
  };
};

function checkAnswer(world: World, message: Message): void {
  const violation = world.expected.check(message, world.expected.moment());
  if (violation !== undefined) world.report([violation]);
}

function pickConversation(world: World, person: Person): string {
  const followed = [...person.timelines.keys()];
  return followed.length > 0 && world.random.chance(0.8)
    ? world.random.pick(followed)
    : world.random.pickNearFront(person.conversations).id;
}

function pickOwn(world: World, person: Person): OwnMessage | undefined {
  const free = person.ownMessages.filter(({ isBusy }) => !isBusy);
  return free.length === 0 ? undefined : world.random.pick(free);
}
