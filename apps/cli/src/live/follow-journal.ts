import {
  emptyJournal,
  foldJournal,
  type ControlStore,
  type JournalEntry,
  type JournalState,
} from '@crossfade/engine';

/**
 * Reads the journal as it grows, whoever writes it, and hands what is new on once, together with the state that it leads to. Starts at the
 * newest entry; `stop()` ends it after one last look.
 */
export class JournalFollower {
  readonly #store: ControlStore;
  readonly #onEntries: (entries: readonly JournalEntry[], journal: JournalState) => void;
  #journal: JournalState = emptyJournal;
  #reading: Promise<void> = Promise.resolve();
  #unsubscribe: () => void = () => undefined;
  #failure: unknown;

  constructor(
    store: ControlStore,
    onEntries: (entries: readonly JournalEntry[], journal: JournalState) => void,
  ) {
    this.#store = store;
    this.#onEntries = onEntries;
  }

  get journal(): JournalState {
    return this.#journal;
  }

  async start(): Promise<void> {
    this.#journal = foldJournal(emptyJournal, await this.#store.readJournal(0));
    this.#unsubscribe = this.#store.onJournalGrowth(() => this.#read());
    this.#read();
  }

  async stop(): Promise<void> {
    this.#unsubscribe();
    this.#read();
    await this.#reading;
    if (this.#failure instanceof Error) throw this.#failure;
  }

  #read(): void {
    this.#reading = this.#reading
      .then(() => this.#readOn())
      // The next growth reads on from the same place; only the last failure matters, to stop().
      .catch((error: unknown) => {
        this.#failure = error;
      });
  }

  async #readOn(): Promise<void> {
    const entries = await this.#store.readJournal(this.#journal.headSeq);
    this.#journal = foldJournal(this.#journal, entries);
    this.#onEntries(entries, this.#journal);
    this.#failure = undefined;
  }
}
