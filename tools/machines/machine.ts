import type { Clone } from './clone.ts';

/** A kind of machine on which the repository must install and run, tried with a fresh clone. */
export interface Machine {
  /** At most 34 characters: a column of the table. */
  readonly name: string;
  /** Tried with --quick too. */
  readonly quick: boolean;
  /** Why it cannot be tried here; undefined when it can. */
  readonly obstacle?: () => string | undefined;
  /** Where the clone lies in a folder of its own. */
  readonly folder?: string;
  /** That folder may be entered by root alone. */
  readonly closed?: boolean;
  /** The clone belongs to, and is used by, the user with this id. */
  readonly uid?: number;
  /** Version of npm, else the machine's. */
  readonly npm?: string;
  /** Version of the outer Node, else the machine's. */
  readonly node?: string;
  /** Replaces variables of the environment; undefined removes one. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** Put before every command. */
  readonly wrap?: readonly string[];
  /** What is done with the installed clone. @throws Error that says what went wrong. */
  readonly prove: (clone: Clone) => Promise<Proof>;
}

export interface Proof {
  /** From `npm start` until Parley serves; null where nothing is to serve. */
  readonly readyMs: number | null;
}

/** A line of the table. */
export interface Result {
  readonly name: string;
  readonly installMs: number | null;
  readonly megabytes: number | null;
  readonly readyMs: number | null;
  /** How long "npm test" took; null where it was not asked for. */
  readonly testsMs: number | null;
  readonly outcome: 'ok' | 'failed' | 'not tried';
  /** What went wrong, or why it was not tried. */
  readonly reason: string | null;
}
