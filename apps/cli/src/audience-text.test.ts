import { describe, expect, it } from 'vitest';
import { audienceText } from './audience-text.ts';

describe('who is in, in words', () => {
  it.each([
    ['nobody', []],
    ['nobody', [{ segment: null, percentage: 0 }]],
    ['5 % of power_users', [{ segment: 'power_users', percentage: 5 }]],
    [
      '5 % of power_users and 20 % of active_users',
      [
        { segment: 'power_users', percentage: 5 },
        { segment: 'active_users', percentage: 20 },
      ],
    ],
    [
      '20 % of active_users and 10 % of everybody',
      [
        { segment: 'active_users', percentage: 20 },
        { segment: null, percentage: 10 },
      ],
    ],
    [
      '75 % of everybody',
      [
        { segment: 'active_users', percentage: 20 },
        { segment: null, percentage: 75 },
      ],
    ],
    ['50 % of active_users (5 % held back)', [{ segment: 'active_users', percentage: 50, holdBack: 5 }]],
    ['everybody', [{ segment: null, percentage: 100 }]],
  ])('%s', (text, audiences) => {
    expect(audienceText(audiences)).toBe(text);
  });
});
