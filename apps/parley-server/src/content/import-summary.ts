/** What an import did. `messages` = `inserted` + `alreadyThere` + all of `skipped`. */
export type ImportSummary = {
  /** Every message looked at. */
  messages: number;
  inserted: number;
  alreadyThere: number;
  /** How many people and conversations the source has (those that were stored before included). */
  people: number;
  conversations: number;
  /** Messages left out, by reason. */
  skipped: Record<string, number>;
  /** What else was left out or made up, in words: files, entries, placeholders. At most 20 lines. */
  notes: string[];
  tookMs: number;
  peakRssBytes: number;
};

const MOST_NOTES = 20;

/** Counts while an import runs. */
export class ImportTally {
  messages = 0;
  inserted = 0;
  people = 0;
  conversations = 0;
  readonly #skipped = new Map<string, number>();
  readonly #notes: string[] = [];
  #notesLeftOut = 0;
  readonly #startedAtMs = performance.now();

  skip(reason: string): void {
    this.messages += 1;
    this.#skipped.set(reason, (this.#skipped.get(reason) ?? 0) + 1);
  }

  note(text: string): void {
    if (this.#notes.length < MOST_NOTES) this.#notes.push(text);
    else this.#notesLeftOut += 1;
  }

  summary(): ImportSummary {
    const skipped = Object.fromEntries(this.#skipped);
    const left = this.#notesLeftOut;
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
