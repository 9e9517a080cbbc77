import type { Credentials } from './credentials.ts';
import type { Feature } from './feature-use.ts';
import type { Conversation, ConversationEvent, Page } from './parley-shapes.ts';
import type { Route } from './route.ts';
import { Timeline } from './timeline.ts';

const MOST_FOLLOWED = 3;
const MOST_OWN_MESSAGES = 30;
const MOST_TIMINGS = 50;

/** A message this person sent and may still change. */
export interface OwnMessage {
  readonly id: string;
  readonly conversationId: string;
  readonly isReply: boolean;
  body: string;
  /** With what its author has reacted, as far as the server has acknowledged it. */
  reaction?: string | undefined;
  /** Answers to it that were acknowledged. */
  answers: number;
  /** A change is on its way: another one would make it unclear which came last. */
  isBusy: boolean;
}

export interface Timing {
  readonly name: 'first_paint' | 'conversation_open' | 'message_send' | 'search';
  readonly durationMs: number;
}

/** What one virtual person has on their screen and in mind. */
export class Person {
  readonly credentials: Credentials;
  readonly route: Route;
  token: string | undefined;
  name = '';
  flags: ReadonlySet<Feature> = new Set();
  /** Newest activity first. */
  conversations: readonly Conversation[] = [];
  /** The conversations this person follows, longest ago opened first. */
  readonly timelines = new Map<string, Timeline>();
  ownMessages: OwnMessage[] = [];
  /** Up to which version of a conversation this person has seen everything. */
  readonly versions = new Map<string, number>();
  hasPublishedKey = false;
  agents: readonly string[] = [];
  timings: Timing[] = [];

  constructor(credentials: Credentials, route: Route) {
    this.credentials = credentials;
    this.route = route;
  }

  get id(): string {
    return this.credentials.id;
  }

  has(feature: Feature): boolean {
    return this.flags.has(feature);
  }

  /** Opens a conversation, or looks at one again. Follows a few at a time. */
  open(conversationId: string, page: Page): Timeline {
    const known = this.timelines.get(conversationId);
    const timeline = known ?? new Timeline(conversationId, page);
    this.timelines.delete(conversationId);
    this.timelines.set(conversationId, timeline);
    this.versions.set(conversationId, Math.max(page.version, this.versions.get(conversationId) ?? 0));
    for (const oldest of this.timelines.keys()) {
      if (this.timelines.size <= MOST_FOLLOWED) break;
      this.timelines.delete(oldest);
      this.versions.delete(oldest);
    }
    return timeline;
  }

  hear(event: ConversationEvent): void {
    this.timelines.get(event.conversationId)?.announce(event.seq);
  }

  /** Without a socket, nobody announces anything. */
  mayHaveMissedEvents(): void {
    for (const timeline of this.timelines.values()) timeline.mayHaveMissed();
  }

  remember(message: OwnMessage): void {
    this.ownMessages.push(message);
    if (this.ownMessages.length > MOST_OWN_MESSAGES) this.ownMessages.shift();
  }

  forget(message: OwnMessage): void {
    this.ownMessages = this.ownMessages.filter((other) => other !== message);
  }

  measured(name: Timing['name'], durationMs: number): void {
    if (!this.has('performance_monitoring')) return;
    this.timings.push({ name, durationMs: Math.round(durationMs * 10) / 10 });
    if (this.timings.length > MOST_TIMINGS) this.timings.shift();
  }
}
