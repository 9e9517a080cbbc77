import { bodyHash } from './body-hash.ts';
import type { Message } from './parley-shapes.ts';
import type { Violation } from './violation.ts';

/** One state a message was given; `acknowledgedAt` (a moment of ours) once the server has said yes. */
interface MessageState {
  readonly bodyHash: string;
  readonly deleted: boolean;
  acknowledgedAt: number | undefined;
}

interface ExpectedMessage {
  readonly id: string;
  readonly conversationId: string;
  readonly seq: number;
  readonly senderId: string;
  /** In the order they were asked for; a message is changed by one request at a time. */
  states: MessageState[];
}

/** An acknowledged message's place, for who goes and looks for it. */
export type Acknowledged = Omit<ExpectedMessage, 'states'>;

/**
 * What Parley has promised to keep: every message whose sending was acknowledged, with the body last acknowledged.
 * A reader who asked while a change was on its way may see it or not; who asked after the yes must see it. To tell
 * them apart, everything here happens at a moment, counted by `moment()`.
 */
export class ExpectedMessages {
  readonly #messages = new Map<string, ExpectedMessage>();
  /** How many sends without a yes there are of the same text by the same person in the same conversation. */
  readonly #unanswered = new Map<string, number>();
  readonly #sentTexts = new Set<string>();
  readonly #knownLastSeq = new Map<string, number>();
  #moment = 0;

  get size(): number {
    return this.#messages.size;
  }

  /** Take one before asking the server; give it to `check` with what the server answered. */
  moment(): number {
    this.#moment += 1;
    return this.#moment;
  }

  /** Somebody is about to send. Until the answer, and for ever without one, the message may or may not be stored. */
  sending(conversationId: string, senderId: string, body: string): { acknowledged: () => void } {
    const key = textKey(conversationId, senderId, body);
    const count = (change: number): void => {
      const left = (this.#unanswered.get(key) ?? 0) + change;
      if (left === 0) this.#unanswered.delete(key);
      else this.#unanswered.set(key, left);
    };
    this.#sentTexts.add(key);
    count(1);
    return { acknowledged: () => count(-1) };
  }

  /** The server has said that this message is stored. */
  sent({ id, conversationId, seq, senderId, body }: Message): void {
    this.heardOf(conversationId, seq);
    if (this.#messages.has(id)) return;
    const state = { bodyHash: bodyHash(body), deleted: false, acknowledgedAt: this.moment() };
    this.#messages.set(id, { id, conversationId, seq, senderId, states: [state] });
  }

  /** Somebody is about to ask for an edit (`body`) or a deletion (null). Call the answer when the server said yes. */
  changing(id: string, body: string | null): () => void {
    const expected = this.#messages.get(id);
    if (expected === undefined)
      throw new Error(`changing ${id}: expected a message whose sending was acknowledged`);
    const state: MessageState = {
      bodyHash: bodyHash(body ?? ''),
      deleted: body === null,
      acknowledgedAt: undefined,
    };
    expected.states.push(state);
    return () => {
      state.acknowledgedAt = this.moment();
    };
  }

  /** A message of that number exists: it was acknowledged, or announced over a socket. */
  heardOf(conversationId: string, seq: number): void {
    if (seq > this.knownLastSeq(conversationId)) this.#knownLastSeq.set(conversationId, seq);
  }

  knownLastSeq(conversationId: string): number {
    return this.#knownLastSeq.get(conversationId) ?? 0;
  }

  /** Looks at a message that was asked for at `askedAt`. Messages that nobody here sent are nobody's business here. */
  check(message: Message, askedAt: number): Violation | undefined {
    const expected = this.#messages.get(message.id);
    if (expected === undefined) return undefined;
    const { conversationId, seq, senderId } = expected;
    const about = { conversationId, seq, id: message.id };
    if (message.seq !== seq || message.conversationId !== conversationId) {
      const found = `number ${message.seq} of ${message.conversationId}`;
      return { violation: 'outOfOrder', ...about, expected: `number ${seq} of ${conversationId}`, found };
    }
    if (message.senderId !== senderId) {
      return {
        violation: 'changed',
        ...about,
        expected: `sent by ${senderId}`,
        found: `by ${message.senderId}`,
      };
    }
    const found = { bodyHash: bodyHash(message.body), deleted: message.deleted };
    const possible = possibleStates(expected.states, askedAt);
    if (possible.some((state) => state.bodyHash === found.bodyHash && state.deleted === found.deleted)) {
      return undefined;
    }
    return {
      violation: 'changed',
      ...about,
      expected: possible.map(describe).join(' or '),
      found: describe(found),
    };
  }

  /**
   * Looks for second copies in the messages of a conversation: a text that one of us sent there, under an id that
   * nobody acknowledged, more often than sends went without an answer.
   */
  findCopies(messages: readonly Message[]): Violation[] {
    const spare = new Map(this.#unanswered);
    return messages.flatMap(({ id, conversationId, seq, senderId, body, editVersion }) => {
      const key = textKey(conversationId, senderId, body);
      if (editVersion > 0 || this.#messages.has(id) || !this.#sentTexts.has(key)) return [];
      const left = (spare.get(key) ?? 0) - 1;
      spare.set(key, left);
      if (left >= 0) return [];
      const about = { conversationId, seq, id };
      return [{ violation: 'duplicated', ...about, expected: 'this text once a send', found: 'once more' }];
    });
  }

  /** Acknowledged messages by conversation, each list in order of numbers. */
  byConversation(): Map<string, Acknowledged[]> {
    const inOrder = [...this.#messages.values()].toSorted((a, b) => a.seq - b.seq);
    return Map.groupBy(inOrder, ({ conversationId }) => conversationId);
  }
}

function textKey(conversationId: string, senderId: string, body: string): string {
  return `${conversationId} ${senderId} ${bodyHash(body)}`;
}

/** Everything from the newest state that was acknowledged before `askedAt`; what came later may or may not be seen. */
function possibleStates(states: readonly MessageState[], askedAt: number): readonly MessageState[] {
  const newest = states.findLastIndex(
    ({ acknowledgedAt }) => acknowledgedAt !== undefined && acknowledgedAt < askedAt,
  );
  return newest === -1 ? states : states.slice(newest);
}

function describe(state: Pick<MessageState, 'bodyHash' | 'deleted'>): string {
  return `${state.deleted ? 'deleted, ' : ''}sha256 ${state.bodyHash.slice(0, 16)}`;
}
