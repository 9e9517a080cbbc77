import { createParser } from 'eventsource-parser';
import { relayAddress } from './relay-address.ts';

/** A relay says something at least every fifteen seconds; three of them missing, and it is gone. */
const silenceMs = 45_000;
const connectMs = 10_000;

/**
 * Follows a relay's stream of changes until it ends, for whatever reason: then the flags have to be asked for without being
 * told. Calls `onChange` when it begins, since something may have changed before, and at every change. Never rejects.
 * @returns whether it had begun.
 */
export async function listenForChanges(
  { url, key }: { readonly url: string; readonly key: string },
  stop: AbortSignal,
  onChange: () => void,
): Promise<boolean> {
  const silence = new AbortController();
  const giveUp = (): void => silence.abort(new Error('the relay has fallen silent'));
  let timer = setTimeout(giveUp, connectMs);
  let hasBegun = false;
  const parser = createParser({ maxBufferSize: 65_536, onEvent: ({ data }) => isChange(data) && onChange() });
  try {
    const response = await fetch(relayAddress(url, '/ofrep/v1/stream'), {
      headers: { authorization: `Bearer ${key}`, accept: 'text/event-stream' },
      signal: AbortSignal.any([stop, silence.signal]),
    });
    const isStream = response.headers.get('content-type')?.startsWith('text/event-stream') === true;
    if (response.status !== 200 || !isStream) return false;
    hasBegun = true;
    onChange();
    const decoder = new TextDecoder();
    for await (const chunk of response.body ?? []) {
      clearTimeout(timer);
      timer = setTimeout(giveUp, silenceMs);
      parser.feed(decoder.decode(chunk, { stream: true }));
    }
  } catch {
    // Whatever it was: there is no stream any more, and the source asks more often until there is one.
  } finally {
    clearTimeout(timer);
    silence.abort();
  }
  return hasBegun;
}

function isChange(data: string): boolean {
  try {
    const event = JSON.parse(data) as { readonly type?: unknown } | null;
    return event?.type === 'refetchEvaluation';
  } catch {
    // Not one of ours, as OFREP wants it: what is not understood is left alone.
    return false;
  }
}
