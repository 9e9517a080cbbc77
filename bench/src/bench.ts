/** A measurement: prints what it does to stderr, returns figures with their units in their names. */
export type Bench = (options: BenchOptions) => Promise<Readonly<Record<string, number | string | boolean>>>;

interface BenchOptions {
  readonly file: string | undefined;
}
