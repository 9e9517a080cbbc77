import type { Accident } from './fault.ts';

/** An accident that once found something. It is staged in every test run, so that it stays mended. */
export interface Regression {
  /** With its moments given, as in `controllerKilled.at([…])`: another draw of chance would be another accident. */
  readonly accident: Accident;
  /** What it found. */
  readonly found: string;
}

export const regressions: readonly Regression[] = [];
