import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { fetchText } from './fetch-text.ts';
import { histogramIncrease } from './increase.ts';
import { parseNumber, parseOpenMetrics } from './parse-open-metrics.ts';
import { SampleHistory } from './sample-history.ts';
import { createOpenMetricsScraper } from './scraper.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  vi.restoreAllMocks();
  for (const close of closing.splice(0).toReversed()) await close();
});

async function serve(answer: RequestListener): Promise<string> {
  const server = createServer(answer);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

describe('asking over HTTP', () => {
  const get = async (url: string, timeoutMs = 10_000) => await fetchText(url, 'text/plain', timeoutMs);

  it('takes an answer without a body for an empty one', async () => {
    const url = await serve((_request, response) => response.writeHead(204).end());
    await expect(get(url)).resolves.toEqual({ status: 204, text: '' });
  });

  it.each<[string, RequestListener, string]>([
    ['hangs up', (request) => void request.socket.destroy(), 'other side closed'],
    ['leads elsewhere', (_, response) => response.writeHead(302, { location: '/' }).end(), 'redirect'],
    [
      'says too much',
      (_, response) => response.end(Buffer.alloc(9 * 1024 * 1024, 'x')),
      'the answer is larger than 8388608 bytes',
    ],
  ])('names the URL and the reason when the other side %s', async (_what, answer, reason) => {
    const url = await serve(answer);
    await expect(get(url)).rejects.toThrow(`GET ${url}: `);
    await expect(get(url)).rejects.toThrow(reason);
  });

  it('names the deadline that was missed', async () => {
    const url = await serve(() => undefined);
    await expect(get(url, 20)).rejects.toThrow(`GET ${url}: no answer within 20 ms`);
  });

  it('names what is no URL', async () => {
    await expect(get('nowhere')).rejects.toThrow('GET nowhere: ');
  });

  it('says why nobody could be reached, also by several ways', async () => {
    const url = await serve(() => undefined);
    for (const close of closing.splice(0)) await close();
    await expect(get(url)).rejects.toThrow(/ECONNREFUSED/);
    const several = new AggregateError([new Error('refused by ::1'), new Error('refused by 127.0.0.1')]);
    vi.spyOn(globalThis, 'fetch').mockRejectedValueOnce(new TypeError('fetch failed', { cause: several }));
    await expect(get(url)).rejects.toThrow(`GET ${url}: refused by ::1; refused by 127.0.0.1`);
  });
});

describe('figures', () => {
  it.each([
    ['+Inf', Infinity],
    ['-Inf', -Infinity],
    ['infinity', Infinity],
    ['1e3', 1_000],
    ['.5', 0.5],
    ['-7.', -7],
  ])('%s is %d', (text, number) => {
    expect(parseNumber(text)).toBe(number);
  });

  it.each(['NaN', '', '0x10', '1_000', 'e3'])('%j is no number', (text) => {
    expect(parseNumber(text)).toBeNaN();
  });

  it('of a clock that was set back begin anew, and are not mixed with those of before', () => {
    const samples = new SampleHistory(120_000);
    const add = (atMs: number, count: number) => {
      samples.add(atMs, parseOpenMetrics(`requests_total ${count}\n`));
    };
    add(10_000, 5);
    add(11_000, 9);
    add(4_000, 20);
    expect(samples.newestAtMs(20_000)).toBe(4_000);
    add(5_000, 22);
    const { series, seen } = samples.increase(0, 20_000, () => true);
    expect(series).toMatchObject([{ name: 'requests_total', increase: 2 }]);
    expect(seen).toEqual({ fromMs: 4_000, toMs: 5_000 });
  });

  it('of a counter that shrinks while its process says that it goes on have grown from 0', () => {
    const samples = new SampleHistory(120_000);
    const add = (atMs: number, count: number) => {
      samples.add(atMs, parseOpenMetrics(`process_start_time_seconds 7\nrequests_total ${count}\n`));
    };
    add(1_000, 10);
    add(2_000, 14);
    add(3_000, 3);
    expect(samples.increase(0, 9_000, ({ name }) => name === 'requests_total').series).toMatchObject([
      { increase: 4 + 3 },
    ]);
  });

  it('of a bucket without an edge, or with one that is no number, count for nothing', () => {
    const samples = new SampleHistory(120_000);
    const text = (count: number) => [
      `h_bucket ${count}`,
      `h_bucket{le="wide"} ${count}`,
      `h_bucket{le="0.1"} ${count}`,
      `h_count ${count}`,
    ];
    samples.add(1_000, parseOpenMetrics(text(1).join('\n')));
    samples.add(2_000, parseOpenMetrics(text(4).join('\n')));
    const query = { metric: 'h', labels: {}, fromMs: 0, toMs: 2_000 };
    expect(histogramIncrease([samples], query)).toMatchObject({
      buckets: [{ upperEdge: 0.1, count: 3 }],
      count: 3,
    });
  });
});

it('measurements that cannot be dated are said to be a problem, and tried again', async () => {
  const url = await serve((_request, response) => response.end('requests_total 1\n'));
  const problems: string[] = [];
  let rounds = 0;
  const scraper = createOpenMetricsScraper({
    endpoints: [url],
    intervalMs: 5,
    now: () => {
      rounds += 1;
      if (rounds === 1) throw new Error('the database is away');
      return rounds * 1_000;
    },
    onProblem: (problem) => void problems.push(problem),
  });
  closing.push(async () => await scraper.stop());
  const query = { metric: 'requests_total', labels: {}, fromMs: 0, toMs: 1_000_000_000 };
  const seen = async () => (await scraper.counterIncrease(query)).labelNames.length === 0 && rounds > 3;
  await expect.poll(seen, { timeout: 15_000 }).toBe(true);
  expect(problems).toEqual(['measurements could not be dated: the database is away']);
});
