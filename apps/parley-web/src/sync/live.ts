import type { QueryClient } from '@tanstack/react-query';
import { io, type Socket } from 'socket.io-client';
import type { Conversation, Member } from '../api/types.ts';
import type { CatchUp } from './catch-up.ts';
import { keys } from './keys.ts';
import { throttled } from './throttled.ts';

interface Told {
  readonly conversationId: string;
  readonly seq: number;
  readonly id: string;
  readonly version: number;
}

export interface LiveState {
  readonly isConnected: boolean;
  /** Who writes where, and until when that is believed. */
  readonly typing: readonly {
    readonly conversationId: string;
    readonly userId: string;
    readonly untilMs: number;
  }[];
}

const typingMs = 5_000;
/** A list that is asked for at every message of a busy workspace would be asked for all the time. */
const listEveryMs = 4_000;

/** The socket: what it tells is turned into questions to the server, and into small changes of what is known. */
export class Live {
  readonly #socket: Socket;
  readonly #queries: QueryClient;
  readonly #catchUp: CatchUp;
  readonly #listeners = new Set<() => void>();
  readonly #refreshList: () => void;
  #state: LiveState = { isConnected: false, typing: [] };

  constructor(queries: QueryClient, catchUp: CatchUp, onSessionEnded: () => void) {
    this.#queries = queries;
    this.#catchUp = catchUp;
    this.#refreshList = throttled(
      listEveryMs,
      () => void queries.invalidateQueries({ queryKey: keys.conversations }),
    );
    const refreshNotified = throttled(1_000, () => {
      void queries.invalidateQueries({ queryKey: keys.notifications });
      void queries.invalidateQueries({ queryKey: keys.conversations });
    });
    const socket = io({
      transports: ['websocket'],
      withCredentials: true,
      reconnectionDelayMax: 10_000,
      randomizationFactor: 0.5,
    });
    this.#socket = socket;
    socket.on('connect', () => {
      this.#set({ isConnected: true });
      void this.#afterGap();
    });
    window.addEventListener('online', this.#onOnline);
    socket.on('disconnect', () => this.#set({ isConnected: false }));
    socket.on('connect_error', (error: Error & { data?: { code?: string } }) => {
      this.#set({ isConnected: false });
      if (error.data?.code === 'unauthenticated') onSessionEnded();
      // Refused once, socket.io does not come back by itself.
      else if (!socket.active) setTimeout(() => socket.connect(), 3_000);
    });
    socket.on('session_ended', onSessionEnded);
    socket.on('message', (told: Told) => this.#onMessage(told));
    socket.on('changed', ({ conversationId, version }: Told) => {
      // It may be the one whose beginning the list shows.
      this.#refreshList();
      void catchUp.to(conversationId, version);
    });
    socket.on('read', ({ conversationId, seq }: Pick<Told, 'conversationId' | 'seq'>) =>
      this.noteRead(conversationId, seq),
    );
    socket.on('flags', () => void queries.invalidateQueries({ queryKey: keys.me }));
    socket.on('conversation', ({ conversationId }: Pick<Told, 'conversationId'>) => {
      void queries.invalidateQueries({ queryKey: keys.conversations });
      void queries.invalidateQueries({ queryKey: keys.members(conversationId) });
    });
    socket.on('notification', refreshNotified);
    socket.on('typing', ({ conversationId, userId }: { conversationId: string; userId: string }) =>
      this.#onTyping(conversationId, userId),
    );
    socket.on(
      'seen',
      ({ conversationId, userId, seq }: { conversationId: string; userId: string; seq: number }) =>
        this.#onSeen(conversationId, userId, seq),
    );
  }

  readonly subscribe = (listener: () => void): (() => void) => {
    this.#listeners.add(listener);
    return () => this.#listeners.delete(listener);
  };

  readonly state = (): LiveState => this.#state;

  /** Says that this person writes; the server passes it on to the others there. */
  readonly writes = throttled(
    2_500,
    (conversationId: string) => void this.#socket.volatile.emit('typing', { conversationId }),
    true,
  );

  /** As far as this person has read, here or elsewhere. */
  noteRead(conversationId: string, seq: number): void {
    this.#changeConversation(conversationId, (known) => ({
      ...known,
      lastReadSeq: seq,
      unread: Math.max(0, known.lastSeq - seq),
      mentions: seq >= known.lastSeq ? 0 : known.mentions,
    }));
  }

  close(): void {
    window.removeEventListener('online', this.#onOnline);
    this.#socket.disconnect();
  }

  /** A network that is back says so long before a connection notices that it is dead, or tries again. */
  readonly #onOnline = (): void => {
    this.#socket.disconnect().connect();
  };

  async #afterGap(): Promise<void> {
    for (const queryKey of [keys.conversations, keys.me, keys.notifications, keys.notices])
      void this.#queries.invalidateQueries({ queryKey });
    await this.#catchUp.all();
  }

  #onMessage({ conversationId, seq, version }: Told): void {
    this.#changeConversation(conversationId, (known) => {
      if (seq <= known.lastSeq) return known;
      return { ...known, lastSeq: seq, unread: Math.max(0, seq - known.lastReadSeq), version };
    });
    this.#refreshList();
    void this.#catchUp.to(conversationId, version);
    const typing = this.#state.typing.filter((one) => one.conversationId !== conversationId);
    if (typing.length < this.#state.typing.length) this.#set({ typing });
  }

  #onTyping(conversationId: string, userId: string): void {
    const nowMs = Date.now();
    const others = this.#state.typing.filter(
      (one) => one.untilMs > nowMs && (one.userId !== userId || one.conversationId !== conversationId),
    );
    this.#set({ typing: [...others, { conversationId, userId, untilMs: nowMs + typingMs }] });
    setTimeout(
      () => this.#set({ typing: this.#state.typing.filter(({ untilMs }) => untilMs > Date.now()) }),
      typingMs + 50,
    );
  }

  #onSeen(conversationId: string, userId: string, seq: number): void {
    this.#queries.setQueryData<readonly Member[]>(keys.members(conversationId), (known) =>
      known?.map((member) =>
        member.id === userId && member.lastReadSeq < seq ? { ...member, lastReadSeq: seq } : member,
      ),
    );
  }

  #changeConversation(id: string, change: (known: Conversation) => Conversation): void {
    this.#queries.setQueryData<readonly Conversation[]>(keys.conversations, (known) =>
      known?.map((one) => (one.id === id ? change(one) : one)),
    );
  }

  #set(changed: Partial<LiveState>): void {
    this.#state = { ...this.#state, ...changed };
    this.#listeners.forEach((listener) => listener());
  }
}
