import { isContention, messageOf } from '../target/sql-state.ts';

/** What was tried was rolled back so that nobody had to wait for it longer than they may be made to. */
export class GaveWay extends Error {
  override readonly name = 'GaveWay';
  /** `lock`: it did not get its locks in time; `work`: it had them, and was not done in time. */
  readonly why: 'lock' | 'work';
  /** Of the statement; null when it was none of the file. */
  readonly line: number | null;

  constructor(why: 'lock' | 'work', line: number | null, cause: unknown) {
    super(messageOf(cause), { cause });
    this.why = why;
    this.line = line;
  }
}

export function asGaveWay(error: unknown): GaveWay | undefined {
  if (error instanceof GaveWay) return error;
  return isContention(error) ? new GaveWay('lock', null, error) : undefined;
}
