import { describe, expect, it } from 'vitest';
import { hueOf, initialsOf } from './initials.ts';

describe('an avatar without a picture', () => {
  it.each([
    ['Maja Lind', 'ML'],
    ['Ana de la Cruz', 'AC'],
    ['宮本', '宮'],
    ['👩‍🚀 Astronaut', '👩‍🚀A'],
    ['', ''],
  ])('shows for %j %j', (name, expected) => {
    expect(initialsOf(name)).toBe(expected);
  });

  it('has the same colour everywhere', () => {
    expect(hueOf('maja')).toBe(hueOf('maja'));
    expect(hueOf('maja')).not.toBe(hueOf('kenji'));
  });
});
