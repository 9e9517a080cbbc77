/** What scripts may rely on. Shown in `crossfade --help`. */
export const exitCodes = {
  ok: 0,
  /** It was tried and did not succeed. */
  failed: 1,
  /** Refused before anything was changed: wrong usage, an invalid plan, no database. */
  refused: 2,
  /** The run ended by being taken back. */
  rolledBack: 3,
  /** Stopped by a signal, or leadership was lost; the run can be taken up again. */
  interrupted: 4,
} as const;

export type ExitCode = (typeof exitCodes)[keyof typeof exitCodes];

/** For `crossfade --help` and docs/reference/cli.md. */
export const exitCodeMeanings: Readonly<Record<ExitCode, string>> = {
  0: 'done, or nothing was left to do',
  1: 'tried, and failed',
  2: 'refused; nothing was changed',
  3: 'the run was taken back',
  4: 'interrupted; the same command goes on',
};

/** Ends a command before it changed anything, with a message that says what to do. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** What scripts read beside the message. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(
    message: string,
    options: ErrorOptions & { readonly details?: Readonly<Record<string, unknown>> } = {},
  ) {
    super(message, options);
    this.details = options.details ?? {};
  }
}
