import { Refusal } from '../exit-codes.ts';
import type { Output } from '../output.ts';

/** What a command has said, and how it ended. */
export interface Said {
  readonly code: number;
  /** Results and lines for people, each on a line. */
  readonly text: string;
  /** The document for scripts; null when there was none. */
  readonly data: unknown;
}

/** Performs a command in this process, which is much quicker than to start one. A refusal ends it with code 2. */
export async function captured(perform: (output: Output) => Promise<number>): Promise<Said> {
  const lines: string[] = [];
  let data: unknown = null;
  const say = (text = '') => void lines.push(text);
  const output: Output = {
    json: false,
    quiet: false,
    result: say,
    line: say,
    warn: say,
    problem: say,
    data: (value) => (data ??= value),
  };
  const code = await perform(output).catch((error: unknown) => {
    if (!(error instanceof Refusal)) throw error;
    say(error.message);
    return 2;
  });
  return { code, text: lines.join('\n'), data };
}
