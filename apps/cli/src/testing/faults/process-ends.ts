/** How a process of a trial has ended. */
export interface ProcessEnd {
  readonly name: string;
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  /** What the trial itself has sent it, in order. */
  readonly sent: readonly (NodeJS.Signals | number)[];
}

/**
 * The exit codes with which a process may end: `byItself` when nobody has asked it to, as when its work is done; `asked` when it
 * was sent SIGTERM.
 */
export interface ExpectedEnds {
  readonly byItself: readonly number[];
  readonly asked: readonly number[];
}

/** Those ends that nobody caused, and the one by force of a process that was asked to end and did not. */
export function problemsOfEnds(
  ends: readonly ProcessEnd[],
  expectedOf: (name: string) => ExpectedEnds,
): readonly string[] {
  return ends.flatMap((end) => problemOf(end, expectedOf(end.name)) ?? []);
}

function problemOf(
  { name, code, signal, sent }: ProcessEnd,
  { byItself, asked }: ExpectedEnds,
): string | undefined {
  const wasAsked = sent.includes('SIGTERM');
  const wasAskedFirst = wasAsked && sent.indexOf('SIGTERM') < sent.indexOf('SIGKILL');
  if (signal === 'SIGKILL' && sent.includes('SIGKILL'))
    return wasAskedFirst ? `${name} did not end when it was asked to, and had to be killed` : undefined;
  if (signal !== null)
    return sent.includes(signal) ? undefined : `${name} ended of ${signal}, which nobody here has sent`;
  if (code !== null && (byItself.includes(code) || (wasAsked && asked.includes(code)))) return undefined;
  return `${name} ended ${wasAsked ? 'when it was asked to' : 'by itself'} with exit code ${code}`;
}
