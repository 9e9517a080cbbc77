import type { Random } from '../random.ts';
import { CODE, EMOJI, OTHER_LANGUAGES, SENTENCES, SHORT, WHAT, WHEN, WHERE } from './phrases.ts';

const NAMES = ['Amina', 'Bruno', 'Chiara', 'Dimitri', 'Eun-ji', 'Fatou', 'Goran', 'Hanna', 'Ibrahim', 'Jun'];
const MOST_PARAGRAPHS = 9;

/** What somebody might write: mostly short, now and then long, code, emoji, or in another script. Never empty. */
export function composeMessage(random: Random): string {
  const kind = random.next();
  if (kind < 0.3) return fill(random, random.pick(SHORT));
  if (kind < 0.68) return sentences(random, random.between(1, 3));
  if (kind < 0.78) return random.pick(OTHER_LANGUAGES);
  if (kind < 0.86) return `${sentences(random, 1)} ${emoji(random)}`;
  if (kind < 0.93) return `${sentences(random, 1)}\n\`\`\`\n${random.pick(CODE)}\n\`\`\``;
  if (kind < 0.98) return paragraphs(random, random.between(2, 4));
  return paragraphs(random, random.between(5, MOST_PARAGRAPHS));
}

/** A second thought about a message: what an author changes it to. */
export function reviseMessage(random: Random, body: string): string {
  if (random.chance(0.6)) return `${body} (edited: ${random.pick(WHEN)})`;
  return random.chance(0.5) ? `${body} ${emoji(random)}` : composeMessage(random);
}

/** Words that somebody looks for. */
export function composeQuery(random: Random): string {
  return random.chance(0.2) ? random.pick(WHERE) : random.pick(random.pick(WHAT).split(' '));
}

function sentences(random: Random, count: number): string {
  return Array.from({ length: count }, () => fill(random, random.pick(SENTENCES))).join(' ');
}

function paragraphs(random: Random, count: number): string {
  return Array.from({ length: count }, () => sentences(random, random.between(2, 5))).join('\n\n');
}

function emoji(random: Random): string {
  return Array.from({ length: random.between(1, 3) }, () => random.pick(EMOJI)).join('');
}

function fill(random: Random, phrase: string): string {
  const what = random.pick(WHAT);
  return phrase
    .replaceAll('{what}', what)
    .replaceAll('{slug}', what.replaceAll(' ', '-'))
    .replaceAll('{where}', random.pick(WHERE))
    .replaceAll('{when}', random.pick(WHEN))
    .replaceAll('{who}', random.pick(NAMES));
}
