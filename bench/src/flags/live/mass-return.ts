import { setTimeout as sleep } from 'node:timers/promises';
import { propagationOf } from './arrivals.ts';
import { latencyFigures } from './latency-figures.ts';
import type { LiveFlags } from './live-flags.ts';
import { monotonicMs } from './monotonic-ms.ts';
import type { PageRecord, PagesGiven } from './page-holder.ts';

const processes = 2;
const perProcess = 5_000;
const awayMs = 2_000;
/** The longest wait that a relay asks for is ten seconds, and a few more are for the crowd itself. */
const returnWithinMs = 20_000;
const settleMs = 5_000;
const askEveryMs = 50;

/**
 * 10,000 pages follow one relay, which is killed, and comes back after two seconds: how soon each of them has all of its flags
 * again, how many come in the same tenth of a second, what others wait for the relay meanwhile, and whether
 * everybody hears of a flip afterwards.
 */
export async function measureMassReturn(live: LiveFlags): Promise<Record<string, number>> {
  const first = await live.startRelay();
  const port = Number(new URL(first.url).port);
  const given: PagesGiven = { url: first.url, key: live.key, count: perProcess };
  const holders = [];
  for (let at = 0; at < processes; at += 1) {
    holders.push(await live.startClient(new URL('page-holder.ts', import.meta.url), given));
    process.stderr.write(`${(at + 1) * perProcess} pages follow a relay\n`);
  }
  await sleep(settleMs);
  first.kill();
  const killedMs = monotonicMs();
  await sleep(awayMs);
  const second = await live.startRelay(port);
  const readyMs = monotonicMs();
  process.stderr.write(`the relay is back\n`);
  const waitsMs = await askFor(second.url, returnWithinMs);
  const flip = await live.publisher.flip();
  await sleep(settleMs);
  const records: PageRecord[] = [];
  for (const holder of holders) records.push(...((await holder.finish()) as readonly PageRecord[]));
  second.kill();
  // Some are answered before the one who started it has asked it: those were as quick as can be.
  const returnsMs = records.map(({ answersMs }) => answersMs.find((atMs) => atMs > killedMs + awayMs));
  const came = returnsMs.filter((atMs) => atMs !== undefined);
  const heard = propagationOf(
    [flip],
    records.map(({ arrivals }) => arrivals),
  );
  return {
    returning: records.length,
    neverReturned: records.length - came.length,
    ...latencyFigures(
      'return',
      came.map((atMs) => Math.max(0, atMs - readyMs)),
    ),
    mostReturnsIn100Ms: mostWithin(100, came),
    ...latencyFigures('askedMeanwhile', waitsMs),
    ...latencyFigures('flipAfterReturn', heard.latenciesMs),
    flipAfterReturnMissed: heard.missed,
  };
}

/** How long a relay takes to say that it is there, asked again and again. */
async function askFor(url: string, durationMs: number): Promise<readonly number[]> {
  const waitsMs: number[] = [];
  const untilMs = monotonicMs() + durationMs;
  while (monotonicMs() < untilMs) {
    const askedMs = monotonicMs();
    await (await fetch(`${url}/readyz`)).arrayBuffer();
    waitsMs.push(monotonicMs() - askedMs);
    await sleep(askEveryMs);
  }
  return waitsMs;
}

function mostWithin(windowMs: number, timesMs: readonly number[]): number {
  const sorted = Float64Array.from(timesMs).toSorted();
  let most = 0;
  let from = 0;
  sorted.forEach((atMs, at) => {
    while ((sorted[from] ?? atMs) <= atMs - windowMs) from += 1;
    most = Math.max(most, at - from + 1);
  });
  return most;
}
