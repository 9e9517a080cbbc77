import type { Ground } from './ground.ts';

/** What one trial showed. It has passed when there is no problem. */
export interface TrialResult {
  /** Its logs under the work folder begin with it. */
  readonly trial: string;
  /** `stumbled`: the trial itself could not be brought to its end. */
  readonly ended: 'completed' | 'rolled back' | 'same content' | 'stuck' | 'stumbled';
  /** What was done to it, and when, for whoever looks into a failed one. */
  readonly done: readonly string[];
  readonly acknowledged: number;
  readonly lost: number;
  readonly duplicated: number;
  /** Requests that failed for a person in the end. */
  readonly failedRequests: number;
  readonly problems: readonly string[];
}

/** One accident of which every moment is decided. */
export interface Accident {
  /** All that was decided, as plain data: with it the same accident can be staged again, whatever chance would decide then. */
  readonly moments: unknown;
  readonly trial: (ground: Ground) => Promise<TrialResult>;
}

/** A kind of accident that must not matter. */
export interface Fault {
  readonly name: string;
  readonly about: string;
  /** Why it cannot be tried on this machine; undefined when it can. */
  readonly unavailable?: () => Promise<string | undefined>;
  /** What chance makes of it: the same for the same seed, for as long as nobody changes what there is to choose from. */
  readonly draw: (ground: Ground, seed: number) => Promise<Accident>;
}

/** A fault whose moments can also be given: those of an accident that is to be kept. */
export interface FaultAt<Moments> extends Fault {
  readonly at: (moments: Moments) => Accident;
}

/** The counts of a trial in which nobody could be asked. */
export const nobody = { acknowledged: 0, lost: 0, duplicated: 0, failedRequests: 0 };
