import type { Feature } from '../feature-use.ts';
import type { Person } from '../person.ts';
import type { Errand, Planner, World } from '../world.ts';
import { askAgent, postTimings, publishKey, search } from './batch-two.ts';
import { catchUp, jump, listConversationsErrand, openConversation, pageBack } from './reading.ts';
import { followChanges, markUnread, openThread, react } from './reacting.ts';
import { edit, markRead, remove, send } from './writing.ts';

interface Habit {
  readonly plan: Planner;
  /** How often, in comparison with the others. */
  readonly weight: number;
  /** Only people whose flags switch this on do it. */
  readonly feature?: Feature;
}

const HABITS: readonly Habit[] = [
  { plan: listConversationsErrand, weight: 9 },
  { plan: openConversation, weight: 16 },
  { plan: pageBack, weight: 10 },
  { plan: catchUp, weight: 28 },
  { plan: send, weight: 14 },
  { plan: edit, weight: 3 },
  { plan: remove, weight: 0.5 },
  { plan: markRead, weight: 12 },
  { plan: markUnread, weight: 0.5 },
  { plan: react, weight: 4 },
  { plan: followChanges, weight: 8 },
  { plan: openThread, weight: 2 },
  { plan: search, weight: 4 },
  { plan: jump, weight: 8, feature: 'virtual_scrolling' },
  { plan: search, weight: 3, feature: 'advanced_search' },
  { plan: publishKey, weight: 10, feature: 'e2e_encryption' },
  { plan: postTimings, weight: 3, feature: 'performance_monitoring' },
  { plan: askAgent, weight: 3, feature: 'multi_agent' },
];

/** What this person does next. There is always something: looking at the list, if nothing else. */
export function chooseErrand(world: World, person: Person): Errand {
  const habits = HABITS.filter(({ feature }) => feature === undefined || person.has(feature));
  const total = habits.reduce((sum, { weight }) => sum + weight, 0);
  let left = world.random.next() * total;
  const chosen = habits.find(({ weight }) => {
    left -= weight;
    return left < 0;
  });
  return (
    chosen?.plan(world, person) ?? openConversation(world, person) ?? listConversationsErrand(world, person)
  );
}
