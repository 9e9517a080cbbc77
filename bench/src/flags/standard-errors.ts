import { compileFlagDocument, createFlagEvaluator } from '@crossfade/flags';
import { makePeople } from './audience.ts';

/** The largest deviation from 5, 20, 50 and 75 % among so many people with random ids, in standard errors of a share. */
export function standardErrorsOff(count: number): number {
  const people = makePeople(count).map(({ id }) => ({ targetingKey: id }));
  const deviations = [5, 20, 50, 75].map((percentage) => {
    const flags = [{ key: 'f', killed: false, audiences: [{ segment: null, percentage }] }];
    const evaluator = createFlagEvaluator(
      compileFlagDocument({ seed: 'bench', flags, parameters: [] }).document,
    );
    const on = people.filter((person) => evaluator.resolve('boolean', 'f', false, person).value).length;
    const share = percentage / 100;
    return Math.abs(on / count - share) / Math.sqrt((share * (1 - share)) / count);
  });
  return Math.round(Math.max(...deviations) * 100) / 100;
}
