import type { ComponentType } from 'react';
import type { Me } from './api/types.ts';
import type { ListProps } from './conversation/list-props.ts';

export type TimingName = 'first_paint' | 'conversation_open' | 'message_send' | 'search';

/** What one release of the page brings beside what is the same in each. The wall between Batch 1 and Batch 2. */
export interface Release {
  /** What draws the rows of a conversation for this person. */
  readonly listFor: (me: Me) => ComponentType<ListProps>;
  /** Beside the conversation: what has arrived for this person. */
  readonly News: ComponentType;
  /** What else a person may choose about how Parley looks. */
  readonly MoreAppearance: ComponentType;
  /** Measures from now until what it returns is called. */
  readonly startTiming: (name: TimingName) => () => void;
  /** Tells the server what was measured, as long as it stands in the page. */
  readonly Timings: ComponentType;
}
