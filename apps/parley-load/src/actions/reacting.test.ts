import { describe, expect, it } from 'vitest';
import { ExpectedMessages } from '../expected-messages.ts';
import { FeatureUse } from '../feature-use.ts';
import { Person } from '../person.ts';
import { Random } from '../random.ts';
import { Route } from '../route.ts';
import type { Violation } from '../violation.ts';
import type { World } from '../world.ts';
import { followChanges, openThread, react } from './reacting.ts';

function setting() {
  const violations: Violation[] = [];
  const world: World = {
    random: new Random(1),
    expected: new ExpectedMessages(),
    features: new FeatureUse(),
    report: (found) => violations.push(...found),
    acknowledged: () => undefined,
    uncertain: () => undefined,
  };
  const person = new Person({ id: 'ada', email: 'ada@parley.example', password: 'x' }, new Route(0, 1));
  person.remember({
    id: 'm1',
    conversationId: 'c',
    isReply: false,
    body: 'Hello',
    answers: 2,
    isBusy: false,
  });
  return { world, person, violations };
}

/** As the server tells it. */
const told = (given: object = {}) => ({
  id: 'm1',
  conversationId: 'c',
  seq: 1,
  version: 1,
  senderId: 'ada',
  body: 'Hello',
  clientId: null,
  deletedAt: null,
  editVersion: 0,
  reactions: [],
  replyCount: 0,
  ...given,
});

describe('a reaction', () => {
  it('that was acknowledged has to be there, and be gone when it was taken back', () => {
    const { world, person, violations } = setting();
    const first = react(world, person);
    const emoji = decodeURIComponent(first?.call.path.split('/').at(-1) ?? '');
    first?.settle({ message: told({ reactions: [{ emoji, count: 1, mine: true }] }) }, 1);
    const second = react(world, person);
    expect([first?.call.method, second?.call.method]).toEqual(['PUT', 'DELETE']);
    second?.settle({ message: told() }, 1);
    expect(violations).toEqual([]);
    react(world, person)?.settle({ message: told() }, 1);
    expect(violations).toMatchObject([{ violation: 'changed', id: 'm1' }]);
  });
});

describe('what has changed', () => {
  it('comes in the order of versions, after the one that is known', () => {
    const { world, person, violations } = setting();
    person.versions.set('c', 5);
    const answer = (versions: readonly number[]) => ({
      messages: versions.map((version) => told({ version })),
      version: Math.max(5, ...versions),
      hasMore: false,
    });
    followChanges(world, person)?.settle(answer([6, 8, 8, 9]), 1);
    expect(person.versions.get('c')).toBe(9);
    expect(violations).toEqual([]);
    followChanges(world, person)?.settle(answer([9]), 1);
    followChanges(world, person)?.settle(answer([12, 11]), 1);
    expect(violations.map(({ violation }) => violation)).toEqual(['outOfOrder', 'outOfOrder']);
  });
});

describe('a thread', () => {
  it('has every answer that was acknowledged', () => {
    const { world, person, violations } = setting();
    const open = (replies: readonly object[]) =>
      openThread(world, person)?.settle({ root: told(), replies }, 1);
    open([told({ id: 'm2', seq: 2 }), told({ id: 'm3', seq: 3 })]);
    expect(violations).toEqual([]);
    open([told({ id: 'm2', seq: 2 })]);
    expect(violations).toMatchObject([{ violation: 'missing', expected: '2 answers' }]);
  });
});
