import { PlainList } from '../conversation/plain-list.tsx';
import type { Release } from '../release.ts';
import { News } from './news.tsx';
import { PlainListChoice } from './plain-list-choice.tsx';
import { Timings } from './timings-reporter.tsx';
import { startTiming } from './timings.ts';
import { VirtualMessageList } from './virtual-message-list.tsx';

/** Each feature for those for whom its flag is on. */
export const batch2: Release = {
  listFor: ({ flags, settings }) =>
    flags.virtual_scrolling && settings.plainList !== true ? VirtualMessageList : PlainList,
  News,
  MoreAppearance: PlainListChoice,
  startTiming,
  Timings,
};
