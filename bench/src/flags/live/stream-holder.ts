import { get } from 'node:http';
import type { Arrival } from './arrivals.ts';
import { serveBench } from './client-process.ts';
import { monotonicMs } from './monotonic-ms.ts';

export interface StreamsGiven {
  readonly url: string;
  readonly key: string;
  readonly count: number;
}

const openedAtOnce = 20;

/** Holds so many streams of a relay, and tells what each of them heard, and when. */
serveBench(async ({ url, key, count }: StreamsGiven) => {
  const heard: Arrival[][] = [];
  while (heard.length < count) {
    const opening = Array.from({ length: Math.min(openedAtOnce, count - heard.length) }, async () => {
      return await openStream(url, key);
    });
    heard.push(...(await Promise.all(opening)));
  }
  return async () => heard;
});

/** Resolves when the relay listens to it, with a list that grows with every event. */
async function openStream(url: string, key: string): Promise<Arrival[]> {
  const headers = { authorization: `Bearer ${key}`, accept: 'text/event-stream' };
  const { promise, resolve, reject } = Promise.withResolvers<Arrival[]>();
  const request = get(`${url}/ofrep/v1/stream`, { headers, agent: false }, (response) => {
    if (response.statusCode !== 200) reject(new Error(`${url}: a stream got status ${response.statusCode}`));
    const arrivals: Arrival[] = [];
    let rest = '';
    response.setEncoding('utf8').on('data', (text: string) => {
      const atMs = monotonicMs();
      const events = (rest + text).split('\n\n');
      rest = events.pop() ?? '';
      for (const event of events) {
        const revision = /^id: (\d+)-/m.exec(event)?.[1];
        if (revision !== undefined) arrivals.push([Number(revision), atMs]);
      }
    });
    // What it misses from then on is counted as missed.
    response.on('error', () => undefined);
    resolve(arrivals);
  });
  request.on('error', reject);
  return await promise;
}
