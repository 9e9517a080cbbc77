import { Agent, request } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { makePeople } from '../audience.ts';
import { serveBench } from './client-process.ts';
import { monotonicMs } from './monotonic-ms.ts';

export interface OfrepGiven {
  readonly url: string;
  readonly key: string;
  readonly flags: number;
  readonly requestsPerSecond: number;
  readonly seconds: number;
}

export interface OfrepResult {
  /** Of those that were answered in full, from when each should have been sent. */
  readonly latenciesMs: readonly number[];
  readonly failed: number;
}

const people = makePeople(2_000);
const deadlineMs = 5_000;

/**
 * Asks for all flags of one person after the other at a fixed rate, whether or not earlier questions have been answered: a relay
 * that stands still is not asked less, and its silence is counted from when the question was due.
 */
serveBench(async (given: OfrepGiven) => {
  const asking = askAll(given);
  // It is waited for in the end; until then its failure is nobody's.
  asking.catch(() => undefined);
  return async () => await asking;
});

async function askAll(given: OfrepGiven): Promise<OfrepResult> {
  const { requestsPerSecond, seconds } = given;
  const agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  const latenciesMs: number[] = [];
  let failed = 0;
  const ask = async (at: number, dueMs: number): Promise<void> => {
    const isWhole = await askOnce(given, agent, at).catch(() => false);
    if (isWhole) latenciesMs.push(monotonicMs() - dueMs);
    else failed += 1;
  };
  const startedMs = monotonicMs();
  const asked: Promise<void>[] = [];
  while (asked.length < requestsPerSecond * seconds) {
    for (;;) {
      const dueMs = startedMs + (asked.length * 1_000) / requestsPerSecond;
      if (dueMs > monotonicMs() || asked.length >= requestsPerSecond * seconds) break;
      asked.push(ask(asked.length, dueMs));
    }
    await sleep(1);
  }
  await Promise.all(asked);
  agent.destroy();
  return { latenciesMs, failed };
}

/** Whether every flag was answered. */
async function askOnce({ url, key, flags }: OfrepGiven, agent: Agent, at: number): Promise<boolean> {
  const body = JSON.stringify({ context: { targetingKey: people[at % people.length]?.id } });
  const headers = {
    authorization: `Bearer ${key}`,
    'content-type': 'application/json',
    'content-length': Buffer.byteLength(body),
  };
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const options = { method: 'POST', agent, headers, timeout: deadlineMs } as const;
  const question = request(`${url}/ofrep/v1/evaluate/flags`, options, (response) => {
    let text = '';
    response.setEncoding('utf8').on('data', (part: string) => (text += part));
    response.on('error', reject);
    response.on('end', () => resolve(response.statusCode === 200 && isAnswered(text, flags)));
  });
  question.on('timeout', () => question.destroy(new Error('no answer in time')));
  question.on('error', reject);
  question.end(body);
  return await promise;
}

/** Without reading it as JSON, which would cost as much as answering does. */
function isAnswered(text: string, flags: number): boolean {
  return text.startsWith('{"flags":[') && text.split('"value":').length === flags + 1;
}
