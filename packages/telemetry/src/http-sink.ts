import { BatchRefusedError } from './batch.ts';
import type { TelemetrySink } from './batch.ts';

export interface HttpTelemetrySinkOptions {
  /** Of the relay, with the prefix it has there: "https://flags.example.org". */
  readonly url: string;
  readonly key: string;
}

const timeoutMs = 10_000;
const mostToldCharacters = 500;

/** Sends what was noted to a relay, from another network or from a page. */
export function httpTelemetrySink({ url, key }: HttpTelemetrySinkOptions): TelemetrySink {
  const address = `${url.replace(/\/+$/, '')}/crossfade/v1/telemetry`;
  return {
    async send(batch) {
      const response = await fetch(address, {
        method: 'POST',
        headers: { authorization: `Bearer ${key}`, 'content-type': 'application/json' },
        body: JSON.stringify(batch),
        signal: AbortSignal.timeout(timeoutMs),
      });
      if (response.ok) return await response.body?.cancel();
      const told = `${address}: expected it to be taken, got status ${response.status}`;
      // What is refused for what it says would be refused again: the next batch may be taken.
      if (response.status !== 400 && response.status !== 413) {
        await response.body?.cancel();
        throw new Error(told);
      }
      throw new BatchRefusedError(`${told}: ${(await response.text()).slice(0, mostToldCharacters)}`);
    },
    close: async () => undefined,
  };
}
