import { describe, expect, it, test } from 'vitest';
import { OrderRefused } from './index.ts';
import { clientKey, serverKey, startRelay } from './testing/relay.ts';

const path = '/crossfade/v1/telemetry';
const operatorKey = { name: 'on-call', key: 'a-key-of-whoever-is-on-call', kind: 'operator' } as const;

describe('what applications report over HTTP', () => {
  it('is handed on as it came, with who says so', async () => {
    const taken: [unknown, string][] = [];
    const { ask } = await startRelay({
      keys: [serverKey, clientKey],
      takeTelemetry: async (...given) => void taken.push(given),
    });
    const news = { id: 'a-1', exposures: [] };
    expect((await ask(path, { body: news })).status).toBe(204);
    expect((await ask(path, { key: clientKey, body: news })).status).toBe(204);
    expect(taken).toEqual([
      [news, 'server mail'],
      [news, 'client page'],
    ]);
  });

  test.each([
    [new OrderRefused('id: expected a text'), 400, 'id: expected a text'],
    [new OrderRefused('the database is away', 503), 503, 'the database is away'],
  ])('is answered as it was taken: %s', async (error, status, told) => {
    const { ask } = await startRelay({
      takeTelemetry: async () => {
        throw error;
      },
    });
    expect(await ask(path, { body: {} })).toMatchObject({
      status,
      body: { errorDetails: expect.stringContaining(told) as string },
    });
  });

  it('is little, where everybody can read the key', async () => {
    const { ask } = await startRelay({ takeTelemetry: async () => undefined });
    const much = { exposures: 'x'.repeat(65_536) };
    expect(await ask(path, { key: clientKey, body: much })).toMatchObject({
      status: 413,
      body: {
        errorDetails: expect.stringMatching(
          /^a page's batch: expected 65536 bytes at most, found 655\d\d$/,
        ) as string,
      },
    });
    expect((await ask(path, { body: much })).status).toBe(204);
  });

  it('is not an operator’s, is JSON, and is not taken by a relay that cannot keep it', async () => {
    const { ask } = await startRelay({
      keys: [serverKey, operatorKey],
      takeTelemetry: async () => undefined,
    });
    expect((await ask(path, { key: operatorKey, body: {} })).status).toBe(403);
    expect((await ask(path, { body: 'news' })).status).toBe(400);
    expect((await ask(path, { body: 'null' })).status).toBe(400);
    const { ask: askOther } = await startRelay();
    expect((await askOther(path, { body: {} })).status).toBe(404);
  });
});
