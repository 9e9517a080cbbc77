import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, expect, test } from 'vitest';
import { eventually } from '../testing/eventually.ts';
import { createOpenMetricsScraper, type MetricsScraper } from './scraper.ts';

const closing: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

type Handler = (request: IncomingMessage, response: ServerResponse) => void;

async function serve(handler: Handler, port = 0) {
  const server = createServer(handler);
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve));
  const address = server.address() as AddressInfo;
  const close = async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  };
  closing.push(close);
  return { url: `http://127.0.0.1:${address.port}`, port: address.port, close };
}

function scraper(...endpoints: string[]): MetricsScraper {
  const created = createOpenMetricsScraper({ endpoints, intervalMs: 20, now: () => Date.now() });
  closing.push(async () => await created.stop());
  return created;
}

const query = (fromMs: number) => ({ metric: 'requests_total', labels: {}, fromMs, toMs: Date.now() + 10 });

/** A process whose counter shows what the test says. */
function counting(counter: { value: number; scrapes: number }): Handler {
  return (_request, response) => {
    counter.scrapes += 1;
    response.end(`# TYPE requests counter\nrequests_total{route="a"} ${counter.value}\n# EOF\n`);
  };
}

test('follows a process over a restart, on which its counters begin again', async () => {
  const fromMs = Date.now();
  const first = { value: 100, scrapes: 0 };
  const server = await serve(counting(first));
  const metrics = scraper(server.url);
  await eventually(() => first.scrapes).toBeGreaterThan(0);
  first.value = 150;
  await eventually(async () => (await metrics.counterIncrease(query(fromMs))).value).toBe(50);

  await server.close();
  const second = { value: 30, scrapes: 0 };
  await serve(counting(second), server.port);
  await eventually(async () => (await metrics.counterIncrease(query(fromMs))).value).toBe(80);
  expect(second.scrapes).toBeGreaterThan(0);
});

test('a process that accepts and never answers is silent, and does not hold up the others', async () => {
  const silent = await serve(() => undefined);
  const counter = { value: 1, scrapes: 0 };
  const alive = await serve(counting(counter));
  const metrics = scraper(silent.url, `${alive.url}/`);
  const look = async () => (await metrics.counterIncrease(query(Date.now() - 60_000))).coverage;
  await eventually(async () => {
    const { fromMs, toMs } = await look();
    return toMs - fromMs;
  }).toBeGreaterThan(0);
  expect(await look()).toMatchObject({ endpoints: 2, endpointsSilent: 1 });
});

test('an answer that is no success is no measurement', async () => {
  let asked = 0;
  const failing = await serve((_request, response) => {
    asked += 1;
    response.writeHead(500).end('requests_total 5\n');
  });
  const metrics = scraper(failing.url);
  await eventually(() => asked).toBeGreaterThan(2);
  expect((await metrics.counterIncrease(query(0))).coverage.endpointsSilent).toBe(1);
});

test('asks every process, and tells who said what and who did not', async () => {
  const ready = await serve(({ url }, response) => {
    response.writeHead(url === '/readyz' ? 200 : 503).end(url === '/text' ? 'plain' : '{"status":"ok"}');
  });
  const gone = await serve(() => undefined);
  await gone.close();
  const metrics = scraper(ready.url, gone.url);

  expect(await metrics.ask('/readyz', 10_000)).toEqual([
    {
      url: ready.url,
      status: 200,
      body: { status: 'ok' },
      error: null,
      tookMs: expect.any(Number) as number,
    },
    expect.objectContaining({
      url: gone.url,
      status: null,
      error: expect.stringContaining('ECONNREFUSED') as string,
    }),
  ]);
  const [text] = await metrics.ask('/text', 10_000);
  expect(text).toMatchObject({ status: 503, body: null, error: 'the answer is not JSON' });
});

test('a process that is asked and says nothing is told with how long it was waited for', async () => {
  const silent = await serve(() => undefined);
  expect(await scraper(silent.url).ask('/readyz', 50)).toMatchObject([
    { url: silent.url, status: null, body: null, error: `GET ${silent.url}/readyz: no answer within 50 ms` },
  ]);
});

test('an answer without end is cut off at the size limit', async () => {
  const endless = await serve((_request, response) => {
    const chunk = 'x'.repeat(1024 * 1024);
    const write = () => {
      while (!response.destroyed && response.write(chunk));
    };
    response.on('drain', write);
    write();
  });
  const [answer] = await scraper(endless.url).ask('/', 20_000);
  expect(answer?.error).toContain('the answer is larger than 8388608 bytes');
});
