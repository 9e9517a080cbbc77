/** A measurement: prints what it does to stderr, returns figures with their units in their names. */
export type Bench = (options: BenchOptions) => Promise<Readonly<Record<string, number | string | boolean>>>;

export interface BenchOptions {
  readonly file: string | undefined;
  /** How many rows a table has; undefined for what the measurement is meant for. */
  readonly rows: number | undefined;
  /** How long one thing is watched; undefined for what the measurement is meant for. */
  readonly seconds: number | undefined;
}
