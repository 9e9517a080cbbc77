import pg from 'pg';
import { createTestRandom } from './fakes.ts';

const pauseMs = async (ms: number): Promise<void> => await new Promise((resolve) => setTimeout(resolve, ms));

/** How one release reads and writes a thing with a number in it, in its own shape. */
export interface Release {
  /** `"batch_1"."reviews"` */
  readonly table: string;
  /** The number as this release writes it: `$2::text`. */
  readonly value: string;
  readonly column: string;
}

/** What was written and acknowledged: the number of each thing, undefined once it is gone. */
type Known = Map<number, number | undefined>;

/**
 * People at work with two releases of an application at once, each in its own shape of the same table: they add, change and
 * delete things, one at a time for each thing, and remember every write that was acknowledged.
 */
export class TwoReleases {
  readonly known: Known = new Map();
  readonly failures: string[] = [];
  writes = 0;
  readonly #releases: { old: Release | undefined; new: Release | undefined };
  readonly #inUse = new Set<number>();
  readonly #random;
  readonly #url: string;
  readonly #workers: Promise<void>[] = [];
  #isOver = false;
  #isStill = false;
  #atWork = 0;
  #nextId: number;

  constructor(url: string, releases: { old: Release }, known: ReadonlyMap<number, number>, seed: number) {
    this.#url = url;
    this.#releases = { old: releases.old, new: undefined };
    this.#random = createTestRandom(seed);
    for (const [id, value] of known) this.known.set(id, value);
    this.#nextId = Math.max(...known.keys()) + 1_000_000;
  }

  begin(workers: number): void {
    for (let worker = 0; worker < workers; worker += 1) this.#workers.push(this.#work());
  }

  /** Lets a release be used from now on, or no more: when it resolves, nothing of it is under way. */
  async use(which: 'old' | 'new', release: Release | undefined): Promise<void> {
    await this.whileStill(() => {
      this.#releases[which] = release;
      return Promise.resolve();
    });
  }

  /** Everybody holds still while something is looked at. */
  async whileStill<T>(look: () => Promise<T>): Promise<T> {
    this.#isStill = true;
    while (this.#atWork > 0) await pauseMs(1);
    try {
      return await look();
    } finally {
      this.#isStill = false;
    }
  }

  async end(): Promise<void> {
    this.#isOver = true;
    await Promise.all(this.#workers);
  }

  async #work(): Promise<void> {
    const client = new pg.Client({ connectionString: this.#url, application_name: 'a release' });
    await client.connect();
    while (!this.#isOver) {
      await pauseMs(1);
      if (this.#isStill) continue;
      this.#atWork += 1;
      await this.#writeOnce(client);
      this.#atWork -= 1;
    }
    await client.end();
  }

  async #writeOnce(client: pg.Client): Promise<void> {
    const release = this.#chosen();
    const isNew = this.#random.next() < 0.1;
    const id = isNew ? (this.#nextId += 1) : this.#someId();
    if (id === undefined || this.#inUse.has(id)) return;
    this.#inUse.add(id);
    const value = Math.floor(this.#random.next() * 100_000);
    const deletes = !isNew && this.#random.next() < 0.05;
    const { table, column, value: written } = release;
    try {
      if (isNew)
        await client.query(`insert into ${table} (id, ${column}) values ($1, ${written})`, [id, value]);
      else if (deletes) await client.query(`delete from ${table} where id = $1`, [id]);
      else await client.query(`update ${table} set ${column} = ${written} where id = $1`, [id, value]);
      this.known.set(id, deletes ? undefined : value);
      this.writes += 1;
    } catch (error) {
      this.failures.push(`${table} ${id}: ${error instanceof Error ? error.message : String(error)}`);
    } finally {
      this.#inUse.delete(id);
    }
  }

  #chosen(): Release {
    const open = [this.#releases.old, this.#releases.new].filter((one) => one !== undefined);
    const chosen = open[Math.floor(this.#random.next() * open.length)];
    if (!chosen) throw new Error('no release is in use');
    return chosen;
  }

  #someId(): number | undefined {
    const ids = [...this.known.keys()];
    const id = ids[Math.floor(this.#random.next() * ids.length)];
    return id === undefined || this.known.get(id) === undefined ? undefined : id;
  }
}
