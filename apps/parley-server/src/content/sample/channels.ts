import { stableId } from '../stable-id.ts';
import type { SamplePerson } from './people.ts';
import { randomFrom, weighted } from './random.ts';
import type { Random } from './random.ts';
import { LARGE_ROOMS, LANGUAGE_ROOMS } from './rooms.ts';
import type { Room } from './rooms.ts';
import { directRooms, smallRooms } from './small-rooms.ts';

export type SampleChannel = Room & {
  id: string;
  kind: 'channel' | 'direct';
  members: readonly SamplePerson[];
  messages: number;
};

/** A small workspace still needs more than one small channel; a large one must not drown in them. */
const SMALL_CHANNELS = { messagesEach: 600, most: 160 };
const DIRECTS = { messagesEach: 200, most: 400 };

/** All conversations with their members, and how many of `messages` each has: a few have most. */
export function sampleChannels(
  seed: number,
  people: readonly SamplePerson[],
  messages: number,
): SampleChannel[] {
  const random = randomFrom(seed, 'channels');
  const drawPerson = weighted(people, (person) => person.activity);
  const rooms: (Room & { kind: 'channel' | 'direct'; members: readonly SamplePerson[] })[] = [
    ...LARGE_ROOMS.map((room) => ({
      ...room,
      kind: 'channel' as const,
      members: large(room, people, random),
    })),
    ...LANGUAGE_ROOMS.map((room) => ({
      ...room,
      kind: 'channel' as const,
      members: speakers(room, people, random),
    })),
    ...smallRooms(
      random,
      Math.min(SMALL_CHANNELS.most, Math.ceil(messages / SMALL_CHANNELS.messagesEach)),
    ).map((room) => ({
      ...room,
      kind: 'channel' as const,
      members: group(drawPerson, random, random.between(3, 14)),
    })),
    ...directRooms(Math.min(DIRECTS.most, Math.ceil(messages / DIRECTS.messagesEach))).map((room) => ({
      ...room,
      kind: 'direct' as const,
      members: group(drawPerson, random, random.chance(0.9) ? 2 : random.between(3, 5)),
    })),
  ];
  const shares = shareOut(
    messages,
    rooms.map((room) => room.weight),
  );
  return rooms
    .map((room, index) => ({
      ...room,
      id: stableId(`sample:${seed}:conversation:${room.key}`),
      messages: shares[index] ?? 0,
    }))
    .filter((room) => room.messages > 0);
}

function large(room: Room, people: readonly SamplePerson[], random: Random): readonly SamplePerson[] {
  if (room.audience === undefined) return people;
  const members = people.filter(() => random.chance(room.audience ?? 1));
  return members.length >= 3 ? members : people;
}

function speakers(room: Room, people: readonly SamplePerson[], random: Random): readonly SamplePerson[] {
  const members = people.filter((person) => person.culture === room.culture);
  return members.length >= 2 ? members : [...new Set([...members, ...random.some(people, 3)])];
}

function group(draw: (random: Random) => SamplePerson, random: Random, size: number): SamplePerson[] {
  const members = new Set<SamplePerson>();
  // Bounded: a company of two has no group of five.
  for (let attempt = 0; members.size < size && attempt < size * 20; attempt += 1) members.add(draw(random));
  return [...members];
}

/** Whole numbers that add up to `total`, in proportion to the weights. */
function shareOut(total: number, weights: readonly number[]): number[] {
  const sum = weights.reduce((a, b) => a + b, 0);
  let before = 0;
  let given = 0;
  return weights.map((weight) => {
    before += weight;
    const share = Math.round((before / sum) * total) - given;
    given += share;
    return share;
  });
}
