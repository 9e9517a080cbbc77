/**
 * A batch holds the locks of its rows until it commits: so long may somebody wait who wants to change one of them. Longer
 * batches are hardly faster.
 */
const wantedMs = 100;
const fewestRows = 50;
const firstRows = 500;

/** How many rows a batch has: as many as are done in a tenth of a second, and half as many after each failure. */
export class BatchSize {
  readonly #most: number;
  #size: number;

  constructor(most: number) {
    this.#most = most;
    this.#size = Math.min(most, firstRows);
  }

  get rows(): number {
    return this.#size;
  }

  passed(rows: number, tookMs: number): void {
    // The last of a slice says nothing of a full one.
    if (rows < this.#size) return;
    const wanted = (this.#size * wantedMs) / Math.max(1, tookMs);
    const grown = Math.min(wanted, this.#size * 2);
    this.#size = Math.min(this.#most, Math.max(Math.min(fewestRows, this.#most), Math.round(grown)));
  }

  /** Of so many rows, one at least is bad: halving finds it in a few steps, and the good ones on the way are done. */
  failed(rows: number): void {
    this.#size = Math.max(1, Math.ceil(rows / 2));
  }
}
