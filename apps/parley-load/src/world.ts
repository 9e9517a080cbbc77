import type { ExpectedMessages } from './expected-messages.ts';
import type { FeatureUse } from './feature-use.ts';
import type { Message } from './parley-shapes.ts';
import type { Person } from './person.ts';
import type { Random } from './random.ts';
import type { Call } from './server-pair.ts';
import type { Violation } from './violation.ts';

/** What all people share. */
export interface World {
  readonly random: Random;
  readonly expected: ExpectedMessages;
  readonly features: FeatureUse;
  readonly report: (violations: readonly Violation[]) => void;
  /** A write was acknowledged: kept in the log, so that others can look for it too. */
  readonly acknowledged: (write: 'send' | 'edit' | 'delete', message: Message) => void;
  /** A change whose outcome nobody knows: the message may be in this state too. */
  readonly uncertain: (write: 'edit' | 'delete', id: string, conversationId: string, body: string) => void;
}

export type Action =
  | 'log_in'
  | 'read_flags'
  | 'list_conversations'
  | 'open_conversation'
  | 'page_back'
  | 'catch_up'
  | 'jump'
  | 'send'
  | 'edit'
  | 'delete'
  | 'mark_read'
  | 'mark_unread'
  | 'react'
  | 'follow_changes'
  | 'read_thread'
  | 'search'
  | 'publish_key'
  | 'post_timings'
  | 'list_agents'
  | 'ask_agent'
  | 'hold_socket'
  | 'turned_away';

/** One request that a person is about to make, and what they do with the answer. */
export interface Errand {
  readonly action: Action;
  readonly call: Call;
  /** The conversation in which others see that this person writes. */
  readonly writesIn?: string;
  /** Takes a 2xx answer's body. Throws a ShapeError when it is not what was agreed. */
  readonly settle: (body: unknown, tries: number) => void;
  /** It failed in the end. */
  readonly giveUp?: () => void;
}

/** Undefined: there is nothing of this kind for this person to do at the moment. */
export type Planner = (world: World, person: Person) => Errand | undefined;
