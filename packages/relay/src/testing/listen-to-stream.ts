import { onTestFinished } from 'vitest';

export interface Listener {
  readonly status: number;
  readonly headers: Headers;
  /** All that came so far. */
  readonly heard: () => string;
  /** Resolves when the relay has ended the stream, or the connection was cut. */
  readonly ended: Promise<void>;
  readonly leave: () => void;
}

/** Server-sent events as they come over the wire. */
export async function listenToStream(url: string, headers: Record<string, string> = {}): Promise<Listener> {
  const leaving = new AbortController();
  onTestFinished(() => leaving.abort());
  const response = await fetch(url, { headers, signal: leaving.signal });
  let text = '';
  const read = async (): Promise<void> => {
    const decoder = new TextDecoder();
    try {
      for await (const chunk of response.body ?? []) text += decoder.decode(chunk, { stream: true });
    } catch (error) {
      if (!leaving.signal.aborted && !(error instanceof TypeError)) throw error;
    }
  };
  return {
    status: response.status,
    headers: response.headers,
    heard: () => text,
    ended: read(),
    leave: () => leaving.abort(),
  };
}
