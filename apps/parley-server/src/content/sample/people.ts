import type { PersonRow } from '../content-rows.ts';
import { stableId } from '../stable-id.ts';
import { CULTURES, FAMILY_FIRST } from './names.ts';
import { randomFrom, weighted } from './random.ts';
import type { Random } from './random.ts';

/** How somebody types: what makes two people say the same thing differently. */
type Habits = { lowerCase: boolean; noFullStop: boolean; emoji: number; exclaims: boolean };

export type SamplePerson = PersonRow & {
  /** What others call them. */
  shortName: string;
  culture: string;
  /** How much they write, compared to others: few write most. */
  activity: number;
  habits: Habits;
};

/** Keeps one person from writing everything: activity has no upper end by itself. */
const MOST_ACTIVE = 40;

const drawCulture = weighted(CULTURES, (culture) => culture.weight);

/** The company's people, the same for the same seed; person 5 is the same among 10 and among 400. */
export function samplePeople(seed: number, count: number): SamplePerson[] {
  const random = randomFrom(seed, 'people');
  const taken = new Set<string>();
  return Array.from({ length: count }, (_, index) => samplePerson(seed, index, random, taken));
}

function samplePerson(seed: number, index: number, random: Random, taken: Set<string>): SamplePerson {
  const { culture, given, family } = freshName(random, taken);
  const familyFirst = FAMILY_FIRST.has(culture.code);
  const key = `sample:${seed}:person:${index}`;
  const address = freeAddress(addressOf({ given, family }), taken);
  return {
    id: stableId(key),
    name: familyFirst ? `${family.name}${given.name}` : `${given.name} ${family.name}`,
    shortName: familyFirst ? family.name + given.name : given.name,
    email: `${address}@parley.example`,
    spareEmail: `${address}.s${seed}.${index}@parley.example`,
    culture: culture.code,
    activity: Math.min((1 - random.next()) ** -0.8, MOST_ACTIVE),
    habits: {
      lowerCase: random.chance(0.3),
      noFullStop: random.chance(0.55),
      emoji: random.chance(0.3) ? 0.12 : 0.01,
      exclaims: random.chance(0.12),
    },
  };
}

/** Namesakes exist, but only where the names run out. */
function freshName(random: Random, taken: ReadonlySet<string>) {
  const draw = () => {
    const culture = drawCulture(random);
    return {
      culture,
      given: spelling(random.pick(culture.given)),
      family: spelling(random.pick(culture.family)),
    };
  };
  let name = draw();
  for (let attempt = 0; attempt < 30 && taken.has(addressOf(name)); attempt += 1) name = draw();
  return name;
}

type Spelling = { name: string; latin: string };

function addressOf({ given, family }: { given: Spelling; family: Spelling }): string {
  return `${given.latin}.${family.latin}`;
}

function spelling(entry: string): Spelling {
  const [name = entry, latin] = entry.split('/');
  return { name, latin: latin ?? asciiOf(name) };
}

const WITHOUT_DECOMPOSITION: Record<string, string> = { ł: 'l', ß: 'ss', ø: 'o', đ: 'd' };

function asciiOf(name: string): string {
  return name
    .toLowerCase()
    .replaceAll(/[łßøđ]/g, (letter) => WITHOUT_DECOMPOSITION[letter] ?? letter)
    .normalize('NFD')
    .replaceAll(/[^a-z]/g, '');
}

function freeAddress(wanted: string, taken: Set<string>): string {
  let address = wanted;
  for (let number = 2; taken.has(address); number += 1) address = `${wanted}${number}`;
  taken.add(address);
  return address;
}
