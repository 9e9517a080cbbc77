import { openDatabase, type KeepUp, type OpenDatabase } from '@crossfade/local-postgres';
import pc from 'picocolors';
import { databaseName, embeddedFolder } from '../database.ts';
import { errorText } from '../error-text.ts';
import { Refusal } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { ms } from '../report/report-markdown.ts';

/** The demonstration's database: the one of DATABASE_URL, or an embedded one that is started again when it dies. */
export class DemoDatabase {
  /** Rejects when the embedded server is gone for good; never resolves. */
  readonly lost: Promise<never>;
  readonly #giveUp: (error: Error) => void;
  readonly #output: Output;
  #opened: OpenDatabase | undefined;
  #diedMs: number | undefined;

  private constructor(output: Output) {
    const { promise, reject } = Promise.withResolvers<never>();
    promise.catch(() => undefined); // Nobody may be waiting for it yet.
    this.lost = promise;
    this.#giveUp = reject;
    this.#output = output;
  }

  /** @throws Refusal when it cannot be used: nothing was changed then. */
  static async open(output: Output): Promise<DemoDatabase> {
    const database = new DemoDatabase(output);
    try {
      database.#opened = await openDatabase({
        directory: embeddedFolder,
        databaseName,
        env: process.env,
        log: (line) => output.line(pc.dim(`  ${line}`)),
        keepUp: database.#keepUp(),
      });
    } catch (error) {
      throw new Refusal(errorText(error), { cause: error });
    }
    return database;
  }

  get url(): string {
    if (this.#opened === undefined) throw new Error('the database is not open');
    return this.#opened.url;
  }

  /** Whether it died at or after this time of `performance.now()`. */
  hasDiedSince(sinceMs: number): boolean {
    return this.#diedMs !== undefined && this.#diedMs >= sinceMs;
  }

  async close(): Promise<void> {
    await this.#opened?.close();
  }

  /** Ends an embedded server at once, without waiting. */
  kill(): void {
    this.#opened?.kill();
  }

  #keepUp(): KeepUp {
    return {
      onDeath: () => (this.#diedMs = performance.now()),
      onRestart: ({ how, tookMs }) =>
        this.#output.warn(`Postgres died (${how}) and was started again; it was away for ${ms(tookMs)}.`),
      onGivenUp: (error) => this.#giveUp(error),
    };
  }
}
