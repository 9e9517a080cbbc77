import type { Command } from 'commander';
import type { ExitCode } from './exit-codes.ts';
import type { Output } from './output.ts';

/** A command of ours: how it is called, and what it does. */
export interface CrossfadeCommand<Options extends object> {
  readonly name: string;
  /** One sentence, without a full stop. */
  readonly about: string;
  /** Whether it works on a database, which --database can name. */
  readonly needsDatabase?: boolean;
  /** Adds its own arguments, options and remarks. */
  readonly declare?: (command: Command) => void;
  readonly execute: (output: Output, options: Options, ...positional: string[]) => Promise<ExitCode>;
}
