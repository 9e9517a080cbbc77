import { io, type Socket } from 'socket.io-client';
import type { ConversationEvent } from './parley-shapes.ts';
import { readConversationEvent } from './parley-shapes.ts';
import type { Random } from './random.ts';

const CONNECT_DEADLINE_MS = 5_000;
const SHORTEST_PAUSE_MS = 100;
const LONGEST_PAUSE_MS = 5_000;

export interface EventSocketHandlers {
  readonly onMessage: (event: ConversationEvent) => void;
  readonly onChanged: (event: ConversationEvent) => void;
  readonly onFlags: () => void;
  /** Connected, the first time or again: what was announced meanwhile has not been heard. */
  readonly onConnected: (server: number) => void;
  readonly onLost: (server: number, reason: string) => void;
  /** The server broke the contract: it ended a session that nobody ended, or sent what cannot be read. */
  readonly onBroken: (server: number, what: string) => void;
}

/** One person's socket. When it is lost, or a server does not answer, it goes on at the other server. */
export class EventSocket {
  readonly #urls: readonly string[];
  readonly #token: string;
  readonly #random: Random;
  readonly #handlers: EventSocketHandlers;
  #server: number;
  #failures = 0;
  #socket: Socket | undefined;
  #retry: NodeJS.Timeout | undefined;
  #isClosed = false;

  constructor(
    urls: readonly string[],
    server: number,
    token: string,
    random: Random,
    handlers: EventSocketHandlers,
  ) {
    this.#urls = urls;
    this.#server = server;
    this.#token = token;
    this.#random = random;
    this.#handlers = handlers;
    this.#connect();
  }

  /** Others in that conversation are told that this person writes. */
  writes(conversationId: string): void {
    this.#socket?.volatile.emit('typing', { conversationId });
  }

  close(): void {
    this.#isClosed = true;
    clearTimeout(this.#retry);
    this.#socket?.disconnect();
  }

  #connect(): void {
    const server = this.#server;
    // Its own reconnecting would insist on the server it knows.
    const socket = io(this.#urls[server] ?? '', {
      transports: ['websocket'],
      auth: { token: this.#token },
      reconnection: false,
      forceNew: true,
      timeout: CONNECT_DEADLINE_MS,
    });
    this.#socket = socket;
    socket.on('connect', () => {
      this.#failures = 0;
      this.#handlers.onConnected(server);
    });
    socket.on('message', (value: unknown) => this.#read(server, value, this.#handlers.onMessage));
    socket.on('changed', (value: unknown) => this.#read(server, value, this.#handlers.onChanged));
    socket.on('flags', () => this.#handlers.onFlags());
    socket.on('session_ended', () => this.#handlers.onBroken(server, 'session_ended'));
    socket.on('disconnect', (reason) => this.#lost(server, reason));
    socket.on('connect_error', (error) => {
      // Not the network: the server said no. A token that has just worked must go on working.
      if (refusalCode(error) === 'unauthenticated') this.#handlers.onBroken(server, error.message);
      this.#lost(server, error.message);
    });
  }

  #read(server: number, value: unknown, take: (event: ConversationEvent) => void): void {
    let event: ConversationEvent;
    try {
      event = readConversationEvent(value);
    } catch (error) {
      this.#handlers.onBroken(server, error instanceof Error ? error.message : String(error));
      return;
    }
    take(event);
  }

  #lost(server: number, reason: string): void {
    this.#socket?.removeAllListeners();
    this.#socket?.disconnect();
    if (this.#isClosed) return;
    this.#handlers.onLost(server, reason);
    this.#server = (server + 1) % this.#urls.length;
    const pauseMs = Math.min(LONGEST_PAUSE_MS, SHORTEST_PAUSE_MS * 2 ** this.#failures);
    this.#failures += 1;
    this.#retry = setTimeout(() => this.#connect(), pauseMs * (0.5 + this.#random.next()));
  }
}

function refusalCode(error: Error): unknown {
  if (!('data' in error) || typeof error.data !== 'object' || error.data === null) return undefined;
  return 'code' in error.data ? error.data.code : undefined;
}
