import { describe, expect, it } from 'vitest';
import { ExpectedMessages } from '../expected-messages.ts';
import { FeatureUse, type Feature } from '../feature-use.ts';
import { Person } from '../person.ts';
import { Random } from '../random.ts';
import { Route } from '../route.ts';
import { message } from '../testing/message.ts';
import type { Action, World } from '../world.ts';
import { chooseErrand } from './choose-errand.ts';

function world(): World {
  const nothing = (): void => {};
  const expected = new ExpectedMessages();
  const features = new FeatureUse();
  return {
    random: new Random(1),
    expected,
    features,
    report: nothing,
    acknowledged: nothing,
    uncertain: nothing,
  };
}

function person(...flags: Feature[]): Person {
  const someone = new Person({ id: 'ada', email: 'ada@parley.example', password: 'x' }, new Route(0, 1));
  someone.flags = new Set(flags);
  return someone;
}

/** Somebody in the middle of things: a conversation open, a message of theirs in it. */
function busyPerson(shared: World, ...flags: Feature[]): Person {
  const someone = person(...flags);
  someone.conversations = [{ id: 'c', title: 'general', lastSeq: 60 }];
  const messages = Array.from({ length: 50 }, (_, index) => message({ seq: index + 11 }));
  someone.open('c', {
    messages,
    lastSeq: 60,
    version: 60,
    hasMoreBefore: true,
    hasMoreAfter: false,
    windowed: false,
  });
  shared.expected.sent(message({ seq: 60 }));
  someone.remember({
    id: 'm60',
    conversationId: 'c',
    isReply: false,
    body: 'Hello',
    answers: 1,
    isBusy: false,
  });
  return someone;
}

function actionsOf(shared: World, someone: () => Person): Map<Action, number> {
  const counts = new Map<Action, number>();
  for (let n = 0; n < 4000; n += 1) {
    const { action } = chooseErrand(shared, someone());
    counts.set(action, (counts.get(action) ?? 0) + 1);
  }
  return counts;
}

describe('chooseErrand', () => {
  it('lets somebody new look at the list, or try what needs none', () => {
    expect([...actionsOf(world(), () => person()).keys()].toSorted()).toEqual([
      'list_conversations',
      'search',
    ]);
  });

  it('mixes reading and writing, mostly reading; deletes rarely', () => {
    const shared = world();
    const counts = actionsOf(shared, () => busyPerson(shared));
    const usual: Action[] = [
      'catch_up',
      'open_conversation',
      'send',
      'mark_read',
      'page_back',
      'edit',
      'search',
      'react',
      'follow_changes',
      'read_thread',
    ];
    for (const action of usual) expect(counts.get(action)).toBeGreaterThan(50);
    expect(counts.get('delete')).toBeLessThan(50);
    expect(counts.get('send')).toBeLessThan(4000 * 0.2);
  });

  it('does what Batch 2 adds only for people whose flags show it', () => {
    const batchTwo: Action[] = ['jump', 'publish_key', 'list_agents', 'ask_agent', 'post_timings'];
    const shared = world();
    const without = actionsOf(shared, () => busyPerson(shared));
    expect(batchTwo.filter((action) => without.has(action))).toEqual([]);
    const withAll = actionsOf(shared, () => {
      const someone = busyPerson(
        shared,
        'virtual_scrolling',
        'e2e_encryption',
        'multi_agent',
        'performance_monitoring',
      );
      someone.agents = shared.random.chance(0.5) ? ['recap'] : [];
      someone.measured('search', 12);
      return someone;
    });
    expect(batchTwo.filter((action) => withAll.has(action))).toEqual(batchTwo);
  });

  it('searches with operators only where advanced search is shown', () => {
    const shared = world();
    const queries = (...flags: Feature[]): string[] =>
      Array.from({ length: 2000 }, () => chooseErrand(shared, busyPerson(shared, ...flags)))
        .filter(({ action }) => action === 'search')
        .map(({ call }) => new URL(call.path, 'http://parley').searchParams.get('q') ?? '');
    expect(queries().filter((query) => query.includes(':'))).toEqual([]);
    expect(queries('advanced_search').some((query) => /^(in|after|before):\S+ /.test(query))).toBe(true);
  });

  it('never changes a message while another change of it is on its way', () => {
    const shared = world();
    const someone = busyPerson(shared);
    const ofOne = new Set<Action>(['edit', 'delete', 'react', 'read_thread']);
    const changes = Array.from({ length: 2000 }, () => chooseErrand(shared, someone)).filter(({ action }) =>
      ofOne.has(action),
    );
    expect(changes).toHaveLength(1);
  });
});
