import { backOffMs } from './back-off.ts';
import type { FlagSource } from './flag-source.ts';
import { readSnapshot } from './http-snapshot.ts';
import type { ReadSnapshot } from './http-snapshot.ts';
import { listenForChanges } from './http-stream.ts';
import { wakeSignal } from './wake-signal.ts';

export interface HttpFlagSourceOptions {
  /** Of the relay, with the prefix it has there: "https://flags.example.org". */
  readonly url: string;
  /** A key of the kind "server". */
  readonly key: string;
  /** How long a change can go unnoticed when the stream did not tell it. */
  readonly pollIntervalMs: number;
}

interface Listeners {
  readonly listener: Parameters<FlagSource['start']>[0];
  readonly onProblem: (error: Error) => void;
  readonly onAnswer: (answer: { readonly published: boolean }) => void;
}

/** Where no stream tells of changes, a flag that is switched off is off after this at the latest. */
const unstreamedPollMs = 1_000;

/**
 * Publications of a relay: its stream tells that there is something new, which is then asked for; and besides, every
 * `pollIntervalMs`. A relay that is away is tried again for as long as it takes, at most every ten seconds.
 */
export function httpFlagSource(options: HttpFlagSourceOptions): FlagSource {
  const stopping = new AbortController();
  let running: Promise<unknown> | undefined;
  return {
    start(listener, onProblem, onAnswer = () => undefined) {
      if (running !== undefined) throw new Error('httpFlagSource: start() expected once, called again');
      const wake = wakeSignal(stopping.signal);
      const stream = { isUp: false };
      const pollMs = (): number =>
        stream.isUp ? options.pollIntervalMs : Math.min(options.pollIntervalMs, unstreamedPollMs);
      running = Promise.all([
        listen(options, stream, wake.now, stopping.signal),
        follow(options, { nap: wake.nap, pollMs }, { listener, onProblem, onAnswer }, stopping.signal),
      ]);
    },
    async stop() {
      stopping.abort();
      await running;
    },
  };
}

/** Wakes at every change, and whenever a stream begins or ends: something may have changed while there was none. */
async function listen(
  options: HttpFlagSourceOptions,
  stream: { isUp: boolean },
  onChange: () => void,
  stop: AbortSignal,
): Promise<void> {
  const { sleep } = wakeSignal(stop);
  let failures = 0;
  while (!stop.aborted) {
    const wasUp = await listenForChanges(options, stop, () => {
      stream.isUp = true;
      onChange();
    });
    stream.isUp = false;
    // Who trusted the stream sleeps for as long as it would hold.
    if (wasUp) onChange();
    failures = wasUp ? 1 : failures + 1;
    await sleep(backOffMs(failures));
  }
}

async function follow(
  options: HttpFlagSourceOptions,
  { nap, pollMs }: { readonly nap: (ms: number) => Promise<void>; readonly pollMs: () => number },
  { listener, onProblem, onAnswer }: Listeners,
  stop: AbortSignal,
): Promise<void> {
  let known: ReadSnapshot | undefined;
  let failures = 0;
  while (!stop.aborted) {
    try {
      const read = await readSnapshot(options, known, stop);
      if (stop.aborted) return;
      if (read !== known && read.snapshot !== null) listener(read.snapshot);
      known = read;
      failures = 0;
      onAnswer({ published: read.snapshot !== null });
      await nap(pollMs());
    } catch (error) {
      if (stop.aborted) return;
      failures += 1;
      onProblem(error instanceof Error ? error : new Error(String(error)));
      // A stream that begins again ends this wait: the relay is back.
      await nap(backOffMs(failures));
    }
  }
}
