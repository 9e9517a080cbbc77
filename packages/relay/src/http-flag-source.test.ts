import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import Fastify, { type FastifyInstance } from 'fastify';
import { compileFlagDocument } from '@crossfade/flags';
import {
  createFlagProvider,
  httpFlagSource,
  memoryFlagSource,
  type FlagProvider,
} from '@crossfade/flags/server';
import { describe, expect, it, onTestFinished, test, vi } from 'vitest';
import { flagRelay } from './index.ts';
import { clientKey, documentOf, killedPlan, plan, serverKey, startRelay } from './testing/relay.ts';

vi.setConfig({ testTimeout: 120_000 });
/** Long enough that what is seen sooner was not found by polling. */
const neverMs = 3_600_000;
const soon = { timeout: 60_000, interval: 5 };
const ann = { targetingKey: '00000000-0000-4000-8000-00000000000a' };

interface Follower {
  readonly provider: FlagProvider;
  readonly search: () => unknown;
  readonly warnings: string[];
}

/** An application in another network, which knows a relay and no database. */
async function follow(url: string, key = serverKey.key, pollIntervalMs = neverMs): Promise<Follower> {
  const warnings: string[] = [];
  const warn = (fields: object, message: string): void =>
    void warnings.push(
      `${message}: ${'err' in fields && fields.err instanceof Error ? fields.err.message : ''}`,
    );
  const source = httpFlagSource({ url, key, pollIntervalMs });
  const provider = createFlagProvider({ source, log: { info: () => undefined, warn } });
  await provider.initialize();
  onTestFinished(async () => await provider.onClose());
  return { provider, search: () => provider.answer('search', ann).value, warnings };
}

describe('a provider behind a relay', () => {
  it('answers as the relay’s own, segments included, and hears of changes at once', async () => {
    const relay = await startRelay({}, { prefix: '/flags' });
    await relay.provider.initialize();
    relay.source.publish(documentOf(), { power_users: [ann.targetingKey] });
    const { provider, search } = await follow(`${relay.url}/`);
    await vi.waitFor(() => expect(search()).toBe(true), soon);
    expect(provider.segmentsOf(ann.targetingKey)).toEqual(['power_users']);
    relay.source.publish(documentOf(killedPlan), { power_users: [ann.targetingKey] });
    await vi.waitFor(() => expect(search()).toBe(false), soon);
    expect(provider.revision()).toBe(2);
  });

  it('keeps what it knows while the relay is gone, and takes up what it missed when it is back', async () => {
    const source = memoryFlagSource();
    const origin = createFlagProvider({ source, log: { info: () => undefined, warn: () => undefined } });
    await origin.initialize();
    source.publish(documentOf(), { power_users: [ann.targetingKey] });
    const serve = async (port: number): Promise<FastifyInstance> => {
      const app = Fastify({ forceCloseConnections: true });
      await app.register(flagRelay, { provider: origin, keys: [serverKey] });
      await app.listen({ port, host: '127.0.0.1' });
      return app;
    };
    const first = await serve(0);
    const { port } = first.server.address() as AddressInfo;
    const { search, warnings } = await follow(`http://127.0.0.1:${port}`);
    await vi.waitFor(() => expect(search()).toBe(true), soon);
    await first.close();
    await vi.waitFor(() => expect(warnings.join()).toContain('flags may be out of date'), soon);
    expect(search()).toBe(true);
    source.publish(documentOf(killedPlan));
    const second = await serve(port);
    onTestFinished(async () => await second.close());
    await vi.waitFor(() => expect(search()).toBe(false), soon);
  });

  it('finds out within a second where streams do not get through', async () => {
    const relay = await startRelay();
    await relay.provider.initialize();
    relay.source.publish(documentOf(), { power_users: [ann.targetingKey] });
    const proxy = await serveWith(async (request, response) => {
      if (request.url?.includes('/stream') === true) {
        response.writeHead(502).end();
        return;
      }
      const answer = await fetch(`${relay.url}${request.url ?? ''}`, {
        headers: { authorization: request.headers.authorization ?? '' },
      });
      response.writeHead(answer.status).end(await answer.text());
    });
    const { search } = await follow(proxy);
    await vi.waitFor(() => expect(search()).toBe(true), soon);
    relay.source.publish(documentOf(killedPlan));
    await vi.waitFor(() => expect(search()).toBe(false), soon);
  });

  it('is told of a key that is wrong, or a page’s', async () => {
    const relay = await startRelay();
    await relay.provider.initialize();
    relay.source.publish(documentOf());
    const unknown = await follow(relay.url, 'a-key-of-nobody-at-all');
    await vi.waitFor(
      () => expect(unknown.warnings.join()).toMatch(/snapshot: expected a snapshot of flags, got status 401/),
      soon,
    );
    const page = await follow(relay.url, clientKey.key);
    await vi.waitFor(
      () => expect(page.warnings.join()).toMatch(/status 403.*expected a key of kind server/),
      soon,
    );
  });

  it('stops at once, whatever it waits for', async () => {
    const silent = await serveWith(() => undefined);
    const { provider } = await follow(silent);
    const startedMs = performance.now();
    await provider.onClose();
    expect(performance.now() - startedMs).toBeLessThan(5_000);
  });
});

describe('something else at that address', () => {
  test.each([
    ['a page', '<html>', 'Unexpected token'],
    ['another document', '{"flags":{}}', 'expected a snapshot of flags, found {"flags":{}}'],
    [
      'segments of another kind',
      snapshotWith([['a', 'b']]),
      'expected a segment and its members, found ["a","b"]',
    ],
    ['half of it', snapshotWith([]).slice(0, -20), 'JSON'],
  ])('(%s) is told in words, and changes nothing', async (_what, body, told) => {
    let answer = snapshotWith([]);
    const url = await serveWith((_request, response) => void response.end(answer));
    const { provider, search, warnings } = await follow(url, serverKey.key, 20);
    await vi.waitFor(() => expect(provider.revision()).toBe(7), soon);
    answer = body;
    await vi.waitFor(() => expect(warnings.join('\n')).toContain(told), soon);
    expect(provider.revision()).toBe(7);
    expect(search()).toBeDefined();
  });

  it('events of another kind, in pieces or never ending, are left alone', async () => {
    const relay = await startRelay();
    await relay.provider.initialize();
    relay.source.publish(documentOf(plan), { power_users: [ann.targetingKey] });
    const pieces = [
      'data: not json\n\n',
      'data: {"type":"other"}\n\n',
      'data: nu',
      'll\n\n',
      `data: ${'x'.repeat(200_000)}`,
    ];
    let streams = 0;
    const url = await serveWith(async (request, response) => {
      if (request.url?.includes('/stream') === true) {
        streams += 1;
        response.writeHead(200, { 'content-type': 'text/event-stream' });
        for (const piece of pieces) response.write(piece);
        return;
      }
      const answer = await fetch(`${relay.url}${request.url ?? ''}`, {
        headers: { 'x-api-key': serverKey.key },
      });
      response.end(await answer.text());
    });
    const { search } = await follow(url);
    await vi.waitFor(() => expect(search()).toBe(true), soon);
    // What never ends is given up, not kept.
    await vi.waitFor(() => expect(streams).toBeGreaterThan(1), soon);
    relay.source.publish(documentOf(killedPlan));
    await vi.waitFor(() => expect(search()).toBe(false), soon);
  });
});

function snapshotWith(segments: unknown): string {
  const { document, digest } = compileFlagDocument(plan);
  return JSON.stringify({ revision: 7, digest, document, segments });
}

type Listener = (...given: Parameters<RequestListener>) => void | Promise<void>;

async function serveWith(listener: Listener): Promise<string> {
  const serve: Listener = async (request, response) => {
    try {
      await listener(request, response);
    } catch {
      // Whom it asks itself is gone, as at the end of a test.
      response.destroy();
    }
  };
  const server = createServer((request, response) => void serve(request, response));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}
