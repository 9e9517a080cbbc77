import { plainLine } from '../plain-line.ts';

/** What an import did. `messages` = `inserted` + `alreadyThere` + all of `skipped`. */
export type ImportSummary = {
  /** Every message looked at. */
  messages: number;
  inserted: number;
  alreadyThere: number;
  /** How many people and conversations the source has (those that were stored before included). */
  people: number;
  conversations: number;
  /** Messages left out, by reason; beyond 100 reasons, as `other`. */
  skipped: Record<string, number>;
  /** What else was left out or made up, in words: files, entries, placeholders. At most 20 lines. */
  notes: string[];
  tookMs: number;
  peakRssBytes: number;
};

const MOST_NOTES = 20;
/** As they come: a file of nothing but garbage must not fill the terminal, or a log, without end. */
const MOST_SHOWN = 1_000;
/** Some are named after what the file says. */
const MOST_REASONS = 100;
const LONGEST_NOTE = 300;

/** Counts while an import runs. */
export class ImportTally {
  messages = 0;
  inserted = 0;
  people = 0;
  conversations = 0;
  readonly #skipped = new Map<string, number>();
  readonly #notes: string[] = [];
  #noteCount = 0;
  readonly #startedAtMs = performance.now();

  skip(reason: string): void {
    this.messages += 1;
    const isKnown = this.#skipped.has(reason) || this.#skipped.size < MOST_REASONS;
    const key = isKnown ? reason : 'other';
    this.#skipped.set(key, (this.#skipped.get(key) ?? 0) + 1);
  }

  /** @returns the note as it may be shown, names in it come out of a file; undefined when enough were shown. */
  note(text: string): string | undefined {
    const line = plainLine(text, LONGEST_NOTE);
    this.#noteCount += 1;
    if (this.#noteCount <= MOST_NOTES) this.#notes.push(line);
    return this.#noteCount <= MOST_SHOWN ? line : undefined;
  }

  summary(): ImportSummary {
    const skipped = Object.fromEntries(this.#skipped);
    const left = this.#noteCount - this.#notes.length;
    return {
      messages: this.messages,
      inserted: this.inserted,
      alreadyThere: this.messages - this.inserted - sum(this.#skipped.values()),
      people: this.people,
      conversations: this.conversations,
      skipped,
      notes: left === 0 ? this.#notes : [...this.#notes, `and ${left} more notes`],
      tookMs: Math.round(performance.now() - this.#startedAtMs),
      peakRssBytes: process.resourceUsage().maxRSS * 1024,
    };
  }
}

function sum(numbers: Iterable<number>): number {
  let total = 0;
  for (const number of numbers) total += number;
  return total;
}
