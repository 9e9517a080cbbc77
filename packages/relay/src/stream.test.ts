import { connect } from 'node:net';
import { ServerProviderEvents } from '@openfeature/server-sdk';
import { describe, expect, it, onTestFinished, vi } from 'vitest';
import { listenToStream } from './testing/listen-to-stream.ts';
import {
  clientKey,
  documentOf,
  killedPlan,
  plan,
  serverKey,
  startRelay,
  type TestRelay,
} from './testing/relay.ts';

vi.setConfig({ testTimeout: 60_000 });
const soon = { timeout: 30_000, interval: 10 };

/** The address that a page is told, with a token in place of its key. */
async function streamOf({ url, ask }: TestRelay): Promise<string> {
  const { body } = await ask('/ofrep/v1/evaluate/flags', { key: clientKey, body: {} });
  const { eventStreams } = body as { eventStreams: [{ type: string; endpoint: { requestUri: string } }] };
  expect(eventStreams).toHaveLength(1);
  expect(eventStreams[0]).toMatchObject({ type: 'sse', inactivityDelaySec: 120 });
  return new URL(eventStreams[0].endpoint.requestUri, url).href;
}

async function published(options: Parameters<typeof startRelay>[0] = {}, prefix = ''): Promise<TestRelay> {
  const keys = [serverKey, { ...clientKey, requestsPerMinute: 100_000 }];
  const relay = await startRelay({ keys, ...options }, { prefix });
  await relay.provider.initialize();
  relay.source.publish(documentOf());
  return relay;
}

const eventsIn = (text: string): unknown[] =>
  [...text.matchAll(/^data: (.*)$/gm)].map(([, data = '']) => JSON.parse(data) as unknown);
const lastIdIn = (text: string): string => [...text.matchAll(/^id: (.*)$/gm)].at(-1)?.[1] ?? '';

describe('the stream of changes', () => {
  it('tells that there is something new, and by which tag; under a prefix, too', async () => {
    const relay = await published({}, '/flags');
    const address = await streamOf(relay);
    expect(address).toContain('/flags/ofrep/v1/stream?token=page.');
    // Anybody may see the address: it must not hold the key.
    expect(address).not.toContain(clientKey.key);
    const page = await listenToStream(address);
    expect(page.headers.get('content-type')).toBe('text/event-stream');
    await vi.waitFor(() => expect(page.heard()).toMatch(/^retry: \d+\n: listening\n\n$/), soon);
    relay.source.publish(documentOf(killedPlan));
    await vi.waitFor(() => expect(eventsIn(page.heard())).toHaveLength(1), soon);
    const digest = relay.provider.snapshot()?.digest;
    expect(eventsIn(page.heard())).toEqual([{ type: 'refetchEvaluation', etag: `"${digest}"` }]);
    expect(page.heard()).toContain('event: message\n');
  });

  it('reaches everybody who listens', async () => {
    const relay = await published();
    const address = await streamOf(relay);
    const pages = await Promise.all(Array.from({ length: 200 }, async () => await listenToStream(address)));
    relay.source.publish(documentOf(killedPlan));
    await vi.waitFor(
      () => expect(pages.every(({ heard }) => eventsIn(heard()).length === 1)).toBe(true),
      soon,
    );
  });

  it('takes nobody’s change away by a sign of life', async () => {
    const relay = await published({ streams: { heartbeatMs: 1 } });
    const address = await streamOf(relay);
    const pages = await Promise.all(Array.from({ length: 200 }, async () => await listenToStream(address)));
    for (const next of [killedPlan, plan]) {
      relay.source.publish(documentOf(next));
      const etag = `"${relay.provider.snapshot()?.digest}"`;
      const told = JSON.stringify({ type: 'refetchEvaluation', etag });
      await vi.waitFor(() => expect(pages.every(({ heard }) => heard().includes(told))).toBe(true), soon);
    }
  });

  it('tells whoever comes back what they missed, and only then', async () => {
    const relay = await published();
    const address = await streamOf(relay);
    const before = await listenToStream(address);
    relay.source.publish(documentOf(killedPlan));
    await vi.waitFor(() => expect(lastIdIn(before.heard())).not.toBe(''), soon);
    const seen = lastIdIn(before.heard());
    before.leave();
    const unchanged = await listenToStream(address, { 'last-event-id': seen });
    await vi.waitFor(() => expect(unchanged.heard()).toContain(': listening'), soon);
    expect(eventsIn(unchanged.heard())).toEqual([]);
    relay.source.publish(documentOf({ ...plan, parameters: [] }));
    const missed = await listenToStream(address, { 'last-event-id': seen });
    await vi.waitFor(() => expect(eventsIn(missed.heard())).toHaveLength(1), soon);
  });

  it('is kept alive in silence', async () => {
    const relay = await published({ streams: { heartbeatMs: 20 } });
    const page = await listenToStream(await streamOf(relay));
    await vi.waitFor(() => expect(page.heard().match(/: still here/g)?.length).toBeGreaterThan(2), soon);
  });

  it('spreads those who come back over a while', async () => {
    const relay = await published({ streams: { retryMs: { least: 1_000, most: 9_000 } } });
    const address = await streamOf(relay);
    const pages = await Promise.all(Array.from({ length: 30 }, async () => await listenToStream(address)));
    await vi.waitFor(
      () => expect(pages.every(({ heard }) => heard().includes('listening'))).toBe(true),
      soon,
    );
    const waits = pages.map(({ heard }) => Number(/^retry: (\d+)/.exec(heard())?.[1]));
    expect(Math.min(...waits)).toBeGreaterThanOrEqual(1_000);
    expect(Math.max(...waits)).toBeLessThanOrEqual(9_000);
    expect(new Set(waits).size).toBeGreaterThan(20);
  });

  it('takes no more than there is room for, and makes room when somebody leaves', async () => {
    const relay = await published({ streams: { maxStreams: 1 } });
    const address = await streamOf(relay);
    const first = await listenToStream(address);
    const second = await listenToStream(address);
    expect([second.status, second.headers.get('retry-after')]).toEqual([503, '1']);
    first.leave();
    await vi.waitFor(async () => expect((await listenToStream(address)).status).toBe(200), soon);
  });

  it('ends when the relay does, which does not wait for its listeners', async () => {
    const relay = await published();
    const page = await listenToStream(await streamOf(relay));
    await relay.close();
    await page.ended;
    expect(eventsIn(page.heard())).toEqual([]);
  });

  it('cuts off a client that does not read, and nobody else', async () => {
    const relay = await published({ streams: { maxUnreadBytes: 65_536 } });
    const address = new URL(await streamOf(relay));
    const deaf = connect(Number(address.port), '127.0.0.1');
    deaf.on('error', () => undefined);
    onTestFinished(() => void deaf.destroy());
    deaf.write(`GET ${address.pathname}${address.search} HTTP/1.1\r\nhost: here\r\n\r\n`);
    await new Promise((resolve) => deaf.once('data', resolve));
    deaf.pause();
    const page = await listenToStream(address.href);
    // What it does not read fills the buffers of both sockets first, which hold some megabytes, and then our memory.
    const changes = setInterval(() => {
      for (let at = 0; at < 100; at += 1)
        relay.provider.events.emit(ServerProviderEvents.ConfigurationChanged);
    }, 1);
    onTestFinished(() => clearInterval(changes));
    await vi.waitFor(() => expect(page.heard().length).toBeGreaterThan(10_000_000), soon);
    clearInterval(changes);
    const cut = new Promise((resolve) => deaf.once('close', resolve));
    deaf.resume();
    await cut;
    const before = page.heard().length;
    relay.source.publish(documentOf(killedPlan));
    await vi.waitFor(() => expect(page.heard().length).toBeGreaterThan(before), soon);
  });
});
