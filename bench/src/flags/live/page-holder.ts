import { Agent, get, request, type ClientRequest, type IncomingMessage } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { makePeople } from '../audience.ts';
import type { Arrival } from './arrivals.ts';
import { serveBench } from './client-process.ts';
import { monotonicMs } from './monotonic-ms.ts';

export interface PagesGiven {
  readonly url: string;
  readonly key: string;
  readonly count: number;
}

/** Of one page. */
export interface PageRecord {
  /** Which revisions it was told of, and when. */
  readonly arrivals: Arrival[];
  /** Whenever it had a stream and then an answer to all flags of its person. */
  readonly answersMs: number[];
  /** Whenever it was refused, or found nobody. */
  failures: number;
}

interface Holder {
  readonly url: string;
  readonly key: string;
  readonly agent: Agent;
}

const people = makePeople(2_000);
const openedAtOnce = 20;
/** A browser's, until a relay has said how long to wait. */
const usualRetryMs = 3_000;

/**
 * Holds so many pages: each listens, asks for all flags whenever its stream begins and whenever it is told of a change, and comes
 * back as a browser's EventSource does, after as long as the relay asked for. Written for little work in a page, since thousands
 * of them share a machine with the relay that is measured.
 */
serveBench(async ({ url, key, count }: PagesGiven) => {
  const holder: Holder = { url, key, agent: new Agent({ keepAlive: true, maxSockets: Infinity }) };
  const records: PageRecord[] = [];
  while (records.length < count) {
    const opening = Array.from({ length: Math.min(openedAtOnce, count - records.length) }, async (_, at) => {
      return await openPage(holder, people[(records.length + at) % people.length]?.id);
    });
    records.push(...(await Promise.all(opening)));
  }
  return async () => records;
});

/** Resolves with its record at its first answer. */
async function openPage(holder: Holder, targetingKey: string | undefined): Promise<PageRecord> {
  const record: PageRecord = { arrivals: [], answersMs: [], failures: 0 };
  const opened = Promise.withResolvers<PageRecord>();
  const live = { retryMs: usualRetryMs };
  const follow = async (): Promise<never> => {
    for (;;) {
      await listen(holder, live, record, async () => {
        if (!(await askForAll(holder, targetingKey))) record.failures += 1;
        else {
          record.answersMs.push(monotonicMs());
          opened.resolve(record);
        }
      }).catch(() => (record.failures += 1));
      await sleep(live.retryMs);
    }
  };
  follow().catch(opened.reject);
  return await opened.promise;
}

/** Resolves when the stream has ended; rejects when there was none. */
async function listen(
  { url, key }: Holder,
  live: { retryMs: number },
  record: PageRecord,
  onChange: () => Promise<void>,
): Promise<void> {
  const headers = { authorization: `Bearer ${key}`, accept: 'text/event-stream' };
  const response = await answerTo(get(`${url}/ofrep/v1/stream`, { headers, agent: false }));
  if (response.statusCode !== 200) {
    response.resume();
    throw new Error(`status ${response.statusCode}`);
  }
  void onChange();
  let rest = '';
  response.setEncoding('utf8').on('data', (text: string) => {
    const atMs = monotonicMs();
    const events = (rest + text).split('\n\n');
    rest = events.pop() ?? '';
    for (const event of events) {
      live.retryMs = Number(/^retry: (\d+)$/m.exec(event)?.[1] ?? live.retryMs);
      const revision = /^id: (\d+)-/m.exec(event)?.[1];
      if (revision === undefined) continue;
      record.arrivals.push([Number(revision), atMs]);
      void onChange();
    }
  });
  await ended(response);
}

/** Whether every flag was answered. */
async function askForAll({ url, key, agent }: Holder, targetingKey: string | undefined): Promise<boolean> {
  const headers = { authorization: `Bearer ${key}`, 'content-type': 'application/json' };
  const asking = request(`${url}/ofrep/v1/evaluate/flags`, { method: 'POST', headers, agent });
  asking.end(JSON.stringify({ context: { targetingKey } }));
  try {
    const response = await answerTo(asking);
    response.resume();
    await ended(response);
    return response.statusCode === 200;
  } catch {
    return false;
  }
}

async function answerTo(asking: ClientRequest): Promise<IncomingMessage> {
  return await new Promise((resolve, reject) => asking.on('response', resolve).on('error', reject));
}

async function ended(response: IncomingMessage): Promise<void> {
  await new Promise<void>((resolve) => response.on('close', resolve).on('error', () => undefined));
}
