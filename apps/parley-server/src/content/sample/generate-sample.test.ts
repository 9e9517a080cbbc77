import { expect, test } from 'vitest';
import { generateSample } from './generate-sample.ts';
import { randomFrom } from './random.ts';
import { LANGUAGE_ROOMS, LARGE_ROOMS } from './rooms.ts';
import { playScene } from './scene.ts';
import { REACTIONS } from './topics/reactions.ts';
import { CLUBS } from './topics/clubs.ts';
import { CUSTOMER } from './topics/customer.ts';
import { DIRECT } from './topics/direct.ts';
import { RELEASE } from './topics/release.ts';
import { samplePeople } from './people.ts';

const NOW_MS = Date.UTC(2026, 2, 18, 15);
const WEEK_SECONDS = 7 * 86_400;
const SIZE = { seed: 7, messages: 3_000, people: 40 };
const everything = (size = SIZE, nowMs = NOW_MS) => {
  const sample = generateSample(size, nowMs);
  return { ...sample, messages: sample.conversations.flatMap((one) => sample.messagesOf(one.id)) };
};

test('the same seed tells the same story, another seed another one', () => {
  expect(everything().messages).toEqual(everything().messages);
  const bodies = (seed: number) => everything({ ...SIZE, seed }).messages.map((message) => message.body);
  expect(bodies(8)).not.toEqual(bodies(7));
});

test('nine days later it is the same story, a whole number of weeks later', () => {
  const before = everything();
  const after = everything(SIZE, NOW_MS + 9 * 86_400_000);
  const shift = (after.messages[0]?.createdAtSeconds ?? 0) - (before.messages[0]?.createdAtSeconds ?? 0);
  expect(shift % WEEK_SECONDS).toBeCloseTo(0);
  expect(shift).toBeGreaterThan(0);
  expect(after.messages.map(({ externalId, body }) => [externalId, body])).toEqual(
    before.messages.map(({ externalId, body }) => [externalId, body]),
  );
});

test('there are exactly as many messages and people as asked for, within the last year, in order', () => {
  const { people, messages, conversations, messagesOf } = everything();
  expect(messages).toHaveLength(3_000);
  expect(people).toHaveLength(40);
  expect(new Set(people.map((person) => person.email)).size).toBe(40);
  expect(new Set(messages.map((message) => message.externalId)).size).toBe(3_000);
  for (const message of messages) {
    expect(message.createdAtSeconds).toBeGreaterThan(NOW_MS / 1000 - 54 * WEEK_SECONDS);
    expect(message.editedAtSeconds ?? message.createdAtSeconds).toBeLessThan(NOW_MS / 1000);
  }
  for (const { id } of conversations) {
    const times = messagesOf(id).map((message) => message.createdAtSeconds);
    expect(times).toEqual(times.toSorted((a, b) => a - b));
  }
});

test('replies come after what they answer, in the same conversation', () => {
  const { conversations, messagesOf } = everything();
  const early: string[] = [];
  let replies = 0;
  for (const { id } of conversations) {
    const seen = new Set<string>();
    for (const message of messagesOf(id)) {
      if (message.threadExternalId !== null) {
        if (!seen.has(message.threadExternalId)) early.push(message.externalId);
        replies += 1;
      }
      seen.add(message.externalId);
    }
  }
  expect(early).toEqual([]);
  expect(replies).toBeGreaterThan(500);
});

test('people work in the week and write unequally', () => {
  const { messages } = everything({ ...SIZE, messages: 6_000 });
  const weekend = messages.filter((one) =>
    [0, 6].includes(new Date(one.createdAtSeconds * 1000).getUTCDay()),
  );
  expect(weekend.length / messages.length).toBeLessThan(0.1);
  const counts = Object.values(Object.groupBy(messages, (one) => one.senderId)).map(
    (own) => own?.length ?? 0,
  );
  const sorted = counts.toSorted((a, b) => b - a);
  expect(sorted[0]).toBeGreaterThan(10 * (sorted[Math.floor(sorted.length * 0.75)] ?? 0));
});

test('every pattern of every topic can be said: slots are known, choices are closed', () => {
  const people = samplePeople(1, 12);
  const topics = [...LARGE_ROOMS, ...LANGUAGE_ROOMS].map((room) => room.topic);
  let patterns = 0;
  for (const topic of [...topics, CUSTOMER, RELEASE, CLUBS, DIRECT]) {
    const exchanges = topic.matters.flatMap((matter) => matter.exchanges);
    const openings = [
      ...topic.matters.flatMap((matter) => [...matter.openings, ...(matter.endings ?? [])]),
      ...exchanges.flat(),
      ...topic.endings,
      ...topic.asides,
      ...REACTIONS,
    ];
    patterns += openings.length - REACTIONS.length;
    for (const opening of openings) {
      const random = randomFrom(3, opening);
      const only = { ...topic, matters: [{ openings: [opening], exchanges: [['ok', 'ok']] }] };
      const drawPerson = () => random.pick(people);
      const stage = { topic: only, drawPerson, isDirect: false, reactions: REACTIONS, recentOpenings: [] };
      const body = playScene(stage, 0, random)[0]?.body ?? '';
      expect(body.trim()).not.toBe('');
      expect(body.replaceAll(/```.*?```/gs, '')).not.toMatch(/[{}[\]|]|<</);
    }
  }
  expect(patterns).toBeGreaterThan(600);
});

test('many scripts are written', () => {
  const text = everything({ ...SIZE, messages: 20_000 })
    .messages.map((message) => message.body)
    .join(' ');
  for (const script of ['Greek', 'Cyrillic', 'Arabic', 'Hebrew', 'Devanagari', 'Hiragana', 'Hangul', 'Han']) {
    expect(text).toMatch(new RegExp(String.raw`\p{Script=${script}}{2}`, 'u'));
  }
  expect(text).toContain('```');
});
