import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { OpenFeature, ProviderEvents, ProviderStatus, type Client } from '@openfeature/web-sdk';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { AnswerStorage } from './answer-cache.ts';
import { createWebFlagProvider, type WebFlagProviderOptions } from './web-flag-provider.ts';

const anna = { targetingKey: 'anna' };
const ben = { targetingKey: 'ben' };
const soon = { timeout: 10_000, interval: 5 };

/** A relay whose every answer a test decides. */
interface Relay {
  url: string;
  answer: (person: string, request: IncomingMessage, response: ServerResponse) => void | Promise<void>;
  questions: string[];
}
const closing: (() => Promise<unknown>)[] = [];
let relay: Relay;

const flag = (value: unknown, more: object = {}) => ({
  key: 'search',
  value,
  variant: String(value),
  ...more,
});
function send(
  response: ServerResponse,
  flags: readonly object[],
  headers: Record<string, string> = {},
): void {
  response.writeHead(200, { 'content-type': 'application/json', etag: '"1"', ...headers });
  response.end(JSON.stringify({ flags }));
}

beforeEach(async () => {
  const server = createServer((request, response) => {
    const parts: Buffer[] = [];
    request.on('data', (part: Buffer) => parts.push(part));
    request.on('end', () => {
      const { context } = JSON.parse(Buffer.concat(parts).toString()) as {
        context: { targetingKey: string };
      };
      relay.questions.push(`${context.targetingKey} ${request.headers['if-none-match'] ?? ''}`.trim());
      void relay.answer(context.targetingKey, request, response);
    });
  });
  await new Promise<void>((resolve) => {
    server.listen(0, '127.0.0.1', resolve);
  });
  relay = {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    questions: [],
    answer: (_person, _request, response) => send(response, [flag(true)]),
  };
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => {
      server.close(resolve);
    });
  });
});
afterEach(async () => {
  await OpenFeature.clearProviders();
  await OpenFeature.clearContexts();
  for (const close of closing.splice(0)) await close();
});

function memoryStorage(): AnswerStorage & { readonly items: Map<string, string> } {
  const items = new Map<string, string>();
  return {
    items,
    getItem: (key) => items.get(key) ?? null,
    setItem: (key, value) => void items.set(key, value),
  };
}

interface Started {
  readonly client: Client;
  readonly told: string[];
}
async function start(
  options: Partial<WebFlagProviderOptions> = {},
  context: { targetingKey: string } = anna,
): Promise<Started> {
  await OpenFeature.setContext(context);
  const provider = createWebFlagProvider({
    url: relay.url,
    key: 'key',
    storage: memoryStorage(),
    ...options,
  });
  const started = OpenFeature.setProviderAndWait(provider).catch(() => undefined);
  const told: string[] = [];
  const client = OpenFeature.getClient();
  for (const event of [ProviderEvents.Ready, ProviderEvents.Error, ProviderEvents.Stale] as const) {
    client.addHandler(event, () => told.push(event));
  }
  client.addHandler(ProviderEvents.ConfigurationChanged, (details) => {
    told.push(`${ProviderEvents.ConfigurationChanged} ${details?.flagsChanged?.join()}`);
  });
  await started;
  return { client, told };
}
const search = (client: Client) => client.getBooleanDetails('search', false);

describe('a page', () => {
  it('is answered at once from one question for all flags, of whatever type', async () => {
    relay.answer = (_person, _request, response) =>
      send(response, [
        flag(true, { reason: 'TARGETING_MATCH' }),
        { key: 'share', value: 40 },
        { key: 'colour', value: 'green' },
        { key: 'layout', value: { columns: 2 } },
        { key: 'default', reason: 'DEFAULT' },
        { key: 'broken', errorCode: 'PARSE_ERROR', errorDetails: 'what?' },
      ]);
    const { client } = await start();
    expect(search(client)).toMatchObject({ value: true, variant: 'true', reason: 'TARGETING_MATCH' });
    expect(client.getNumberValue('share', 0)).toBe(40);
    expect(client.getStringValue('colour', 'red')).toBe('green');
    expect(client.getObjectValue('layout', {})).toEqual({ columns: 2 });
    expect(client.getBooleanDetails('default', true)).toMatchObject({ value: true, reason: 'DEFAULT' });
    expect(client.getBooleanDetails('broken', true)).toMatchObject({ value: true, errorCode: 'PARSE_ERROR' });
    expect(client.getBooleanDetails('share', true)).toMatchObject({
      value: true,
      errorCode: 'TYPE_MISMATCH',
    });
    expect(client.getBooleanDetails('other', true)).toMatchObject({
      value: true,
      errorCode: 'FLAG_NOT_FOUND',
    });
    expect(relay.questions).toEqual(['anna']);
  });

  it('asks whether something has changed, and is told of the flags that have', async () => {
    let value = true;
    relay.answer = (_person, request, response) => {
      const tag = `"${value}"`;
      if (request.headers['if-none-match'] === tag) response.writeHead(304).end();
      else send(response, [flag(value), { key: 'same', value: 1 }], { etag: tag });
    };
    const { client, told } = await start({ pollIntervalMs: 10 });
    await vi.waitFor(() => expect(relay.questions).toContain('anna "true"'), soon);
    expect(told).toEqual(['PROVIDER_READY']);
    value = false;
    await vi.waitFor(() => expect(search(client).value).toBe(false), soon);
    expect(told).toEqual(['PROVIDER_READY', 'PROVIDER_CONFIGURATION_CHANGED search']);
  });
});

describe('where nothing is known', () => {
  it('a page goes by its own defaults after a while, and by the flags when they come', async () => {
    const { promise: later, resolve } = Promise.withResolvers<void>();
    relay.answer = async (_person, _request, response) => {
      await later;
      send(response, [flag(true)]);
    };
    const { client, told } = await start({ startWithinMs: 20 });
    expect(client.providerStatus).toBe(ProviderStatus.ERROR);
    expect(search(client)).toMatchObject({ value: false, reason: 'DEFAULT' });
    resolve();
    await vi.waitFor(() => expect(search(client).value).toBe(true), soon);
    expect(client.providerStatus).toBe(ProviderStatus.READY);
    expect(told).toEqual(['PROVIDER_ERROR', 'PROVIDER_READY', 'PROVIDER_CONFIGURATION_CHANGED search']);
  });

  it.each([
    [401, 'whose key is wrong'],
    [500, 'that is broken'],
    [200, 'that answers something else'],
  ])('a page waits no longer for a relay %s (%s), and does not storm it', async (status) => {
    relay.answer = (_person, _request, response) => void response.writeHead(status).end('nonsense');
    const { client, told } = await start();
    expect(search(client).value).toBe(false);
    expect(told).toEqual(['PROVIDER_ERROR']);
    await new Promise((resolve) => {
      setTimeout(resolve, 150);
    });
    expect(relay.questions.length).toBeLessThan(status === 401 ? 2 : 5);
  });

  it('a page asks again not before the relay wants it', async () => {
    relay.answer = (_person, _request, response) =>
      void response.writeHead(429, { 'retry-after': '1' }).end();
    await start();
    await new Promise((resolve) => {
      setTimeout(resolve, 700);
    });
    expect(relay.questions).toHaveLength(1);
    relay.answer = (_person, _request, response) => send(response, [flag(true)]);
    await vi.waitFor(() => expect(search(OpenFeature.getClient()).value).toBe(true), soon);
  });
});

describe('flags of an earlier visit', () => {
  const away: Relay['answer'] = (_person, _request, response) => void response.destroy();

  it('are used at once while the relay is away, of the same person only', async () => {
    const storage = memoryStorage();
    await start({ storage });
    await OpenFeature.clearProviders();
    relay.answer = away;
    const { client, told } = await start({ storage });
    expect(search(client)).toMatchObject({ value: true, reason: 'CACHED' });
    await vi.waitFor(() => expect(told).toEqual(['PROVIDER_READY', 'PROVIDER_STALE']), soon);
    await OpenFeature.clearProviders();
    const { client: other } = await start({ storage }, ben);
    expect(search(other)).toMatchObject({ value: false, reason: 'DEFAULT' });
  });

  it('are kept of the last five people', async () => {
    const storage = memoryStorage();
    for (let person = 0; person < 8; person += 1) {
      await start({ storage }, { targetingKey: `person ${person}` });
      await OpenFeature.clearProviders();
    }
    const [kept = ''] = [...storage.items.values()];
    expect((JSON.parse(kept) as { context: string }[]).map(({ context }) => context)).toEqual(
      [7, 6, 5, 4, 3].map((person) => `{"targetingKey":"person ${person}"}`),
    );
  });

  it.each(['', 'no JSON', '{}', '[7]', '[{"context":1}]', '[{"context":"{}","tag":null,"flags":[7]}]'])(
    'that make no sense are left alone, and replaced: %s',
    async (text) => {
      const storage = memoryStorage();
      storage.setItem(`crossfade-flags ${relay.url}`, text);
      const problems: string[] = [];
      const { client } = await start({ storage, onProblem: (words) => problems.push(words) });
      expect(search(client).value).toBe(true);
      expect(problems.length).toBeLessThan(2);
      await OpenFeature.clearProviders();
      relay.answer = away;
      expect(search((await start({ storage })).client)).toMatchObject({ value: true, reason: 'CACHED' });
    },
  );

  it('are not there where storing is forbidden, which is said once', async () => {
    const forbidden = (): never => {
      throw new Error('forbidden');
    };
    const problems: string[] = [];
    const storage = { getItem: forbidden, setItem: forbidden };
    const { client } = await start({
      storage,
      onProblem: (words) => problems.push(words),
      pollIntervalMs: 5,
    });
    await vi.waitFor(() => expect(relay.questions.length).toBeGreaterThan(3), soon);
    expect(search(client).value).toBe(true);
    expect(problems).toEqual(['the flags of earlier visits are not used: Error: forbidden']);
  });
});

describe('somebody else signs in', () => {
  it('and is answered for themselves, also when the question about the one before comes back late', async () => {
    const { promise: late, resolve } = Promise.withResolvers<void>();
    let isSlow = false;
    relay.answer = async (person, _request, response) => {
      if (person === 'anna' && isSlow) await late;
      send(response, [flag(person === 'anna')]);
    };
    const { client } = await start({ pollIntervalMs: 5 });
    expect(search(client).value).toBe(true);
    isSlow = true;
    const { length } = relay.questions;
    await vi.waitFor(() => expect(relay.questions.length).toBeGreaterThan(length), soon);
    await OpenFeature.setContext(ben);
    expect(search(client).value).toBe(false);
    resolve();
    await new Promise((done) => {
      setTimeout(done, 50);
    });
    expect(search(client).value).toBe(false);
    expect(relay.questions.at(-1)).toContain('ben');
  });

  it('and is shown defaults, not the other one’s flags, until the answer is there', async () => {
    const { promise: later, resolve } = Promise.withResolvers<void>();
    relay.answer = async (person, _request, response) => {
      if (person === 'ben') await later;
      send(response, [flag(true)]);
    };
    const { client } = await start();
    const changed = OpenFeature.setContext(ben);
    expect(search(client)).toMatchObject({ value: false, reason: 'DEFAULT' });
    resolve();
    await changed;
    expect(search(client).value).toBe(true);
  });

  it('again and again: the last one counts', async () => {
    relay.answer = (person, _request, response) => send(response, [{ key: 'name', value: person }]);
    const { client } = await start();
    const people = Array.from({ length: 20 }, (_, number) => `person ${number}`);
    await Promise.all(people.map(async (targetingKey) => await OpenFeature.setContext({ targetingKey })));
    expect(client.getStringValue('name', '')).toBe('person 19');
    expect(client.providerStatus).toBe(ProviderStatus.READY);
  });
});

describe('the end of a page', () => {
  it('asks for nothing any more', async () => {
    await start({ pollIntervalMs: 5 });
    await OpenFeature.clearProviders();
    const { length } = relay.questions;
    await new Promise((resolve) => {
      setTimeout(resolve, 100);
    });
    expect(relay.questions.length).toBeLessThanOrEqual(length + 1);
  });

  it('tells whoever sends it what was used', async () => {
    const used: string[] = [];
    const { client } = await start({
      onTrack: (event, context) => used.push(`${event} ${context.targetingKey}`),
    });
    client.track('search');
    expect(used).toEqual(['search anna']);
  });
});
