import type { SamplePerson } from './people.ts';
import type { Random } from './random.ts';
import { fill } from './template.ts';
import type { Matter, Topic } from './topic.ts';
import { clock, snippet, word } from './vocabulary.ts';

/** Something that was said. */
export type Line = {
  sender: SamplePerson;
  /** Milliseconds from the start of the year. */
  atMs: number;
  body: string;
  /** What it answers in a thread. */
  root: Line | undefined;
  editedAtMs: number | undefined;
};

export type Stage = {
  topic: Topic;
  /** Draws somebody who is in the conversation; the talkative more often. */
  drawPerson: (random: Random) => SamplePerson;
  /** Two people talk otherwise than a crowd: no reactions of third ones, no threads. */
  isDirect: boolean;
  /** Slots whose value the conversation itself gives, such as the customer's town. */
  fixed?: Readonly<Record<string, string>> | undefined;
  /** Short things that others throw in besides the topic's own; none where another language is spoken. */
  reactions: readonly string[];
  /** What was begun lately, newest last: nobody says the same again so soon. Scenes write to it. */
  recentOpenings: string[];
};

/** Slots that are drawn anew each time; any other keeps its value, so that a scene speaks of one line, one stop. */
const FLEETING = new Set(['grin', 'emoji', 'ms', 'percent']);

/** A short exchange on one matter: somebody begins, others ask, answers come, it ends. */
export function playScene(stage: Stage, startMs: number, random: Random): Line[] {
  const { topic } = stage;
  const author = stage.drawPerson(random);
  const asker = somebodyElse(stage, [author], random);
  const someone = stage.isDirect ? asker : somebodyElse(stage, [author, asker], random);
  const cast = { author: author.shortName, asker: asker.shortName, someone: someone.shortName };
  const { matter, opening } = somethingNew(stage, random);
  const startMinutes = startMs / 60_000;
  const say = speech(
    topic,
    {
      ...stage.fixed,
      ...cast,
      since: clock(startMinutes - random.between(2, 45)),
      soon: clock(startMinutes + random.between(10, 75)),
    },
    random,
  );
  const isThread = !stage.isDirect && random.chance(0.4);
  const pauseMs = isThread ? 240_000 : stage.isDirect ? 50_000 : 85_000;
  const lines: Line[] = [];
  let atMs = startMs;
  const add = (sender: SamplePerson, pattern: string, inThread = isThread): void => {
    const body = inTheirWay(say(pattern), sender, random);
    const editedAtMs = random.chance(0.02) ? atMs + random.between(20_000, 400_000) : undefined;
    lines.push({ sender, atMs, body, root: inThread ? lines[0] : undefined, editedAtMs });
    atMs += 4_000 + Math.floor(random.exponential(pauseMs));
  };

  add(author, opening, false);
  if (random.chance(0.22)) return lines; // Nobody answers everything.
  for (const exchange of random.some(matter.exchanges, random.between(1, stage.isDirect ? 2 : 3))) {
    // Somebody else may ask the next thing, but the answer of an exchange goes to whoever asked.
    for (const [turn, pattern] of exchange.entries()) add(turn % 2 === 0 ? asker : author, pattern);
    if (random.chance(0.3)) add(bystander(stage, author, random), throwIn(stage, random));
  }
  if (random.chance(0.55))
    add(random.chance(0.6) ? author : asker, random.pick(matter.endings ?? topic.endings));
  for (let echo = 0; !stage.isDirect && echo < 3 && random.chance(0.25); echo += 1) {
    add(bystander(stage, author, random), throwIn(stage, random));
  }
  return lines;
}

/** Openings are drawn evenly, however they are grouped. */
function somethingNew({ topic, recentOpenings }: Stage, random: Random): { matter: Matter; opening: string } {
  const all = topic.matters.flatMap((matter) => matter.openings.map((opening) => ({ matter, opening })));
  const chosen = random.pick(all.filter(({ opening }) => !recentOpenings.includes(opening)));
  recentOpenings.push(chosen.opening);
  if (recentOpenings.length > all.length / 2) recentOpenings.shift();
  return chosen;
}

function throwIn({ topic, reactions }: Stage, random: Random): string {
  return random.pick(reactions.length > 0 && random.chance(0.5) ? reactions : topic.asides);
}

function bystander(stage: Stage, author: SamplePerson, random: Random): SamplePerson {
  return somebodyElse(stage, [author], random);
}

/** Somebody not among `others`, or anybody where nobody is left (talking to oneself happens). */
function somebodyElse(stage: Stage, others: readonly SamplePerson[], random: Random): SamplePerson {
  let person = stage.drawPerson(random);
  for (let attempt = 0; others.includes(person) && attempt < 30; attempt += 1)
    person = stage.drawPerson(random);
  return person;
}

/** Turns patterns into sentences of one scene. */
function speech(
  topic: Topic,
  cast: Readonly<Record<string, string>>,
  random: Random,
): (pattern: string) => string {
  const known = new Map(Object.entries(cast));
  const slot = (name: string): string => {
    const before = known.get(name);
    if (before !== undefined) return before;
    const own = topic.words?.[name];
    const value = own === undefined ? (word(name, random) ?? snippet(name, random, slot)) : random.pick(own);
    if (value === undefined) throw new Error(`a pattern uses the slot {${name}}, which no vocabulary has`);
    if (!FLEETING.has(name)) known.set(name, value);
    return value;
  };
  return (pattern) => fill(pattern, slot, random);
}

/** Applies how a person types. Code and long texts are written with care by everyone. */
function inTheirWay(text: string, { habits }: SamplePerson, random: Random): string {
  if (text.includes('```') || text.length > 280) return text;
  let own = text;
  if (habits.exclaims && own.endsWith('.') && random.chance(0.4)) own = `${own.slice(0, -1)}!`;
  if (habits.noFullStop && /[^.]\.$/.test(own)) own = own.slice(0, -1);
  if (habits.lowerCase && /^[A-Z][a-z’]/.test(own)) own = own.charAt(0).toLowerCase() + own.slice(1);
  return random.chance(habits.emoji) && !/\p{Extended_Pictographic}$/u.test(own)
    ? `${own} ${random.pick(['🙂', '🚋', '🙏', '✨', '😄'])}`
    : own;
}
