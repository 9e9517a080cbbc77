import { describe, expect, it, test } from 'vitest';
import { OrderRefused, type FlagOrder, type RelayKey } from './index.ts';
import { clientKey, serverKey, startRelay } from './testing/relay.ts';

const operatorKey: RelayKey = { name: 'on-call', key: 'a-key-of-whoever-is-on-call', kind: 'operator' };
const keys = [serverKey, clientKey, operatorKey];
const off = '/crossfade/v1/flags/disable';

describe('the kill switch over HTTP', () => {
  it('does what an operator asks for, and says for which flags', async () => {
    const orders: FlagOrder[] = [];
    const { ask } = await startRelay({
      keys,
      switchFlags: async (order) => {
        orders.push(order);
        return ['search', 'dark'];
      },
    });
    const done = await ask(off, { key: operatorKey, body: { flags: 'all', reason: ' it burns ' } });
    expect(done).toMatchObject({ status: 200, body: { action: 'disable', flags: ['search', 'dark'] } });
    const on = { flags: ['search'], reason: 'mended' };
    expect((await ask('/crossfade/v1/flags/enable', { key: operatorKey, body: on })).status).toBe(200);
    expect(orders).toEqual([
      { action: 'disable', flags: 'all', reason: 'it burns', operator: 'on-call' },
      { action: 'enable', flags: ['search'], reason: 'mended', operator: 'on-call' },
    ]);
  });

  it('is for operators alone, whose keys open nothing else', async () => {
    const { ask } = await startRelay({ keys, switchFlags: async () => [] });
    const body = { flags: 'all', reason: 'mischief' };
    for (const key of [serverKey, clientKey]) {
      expect(await ask(off, { key, body })).toMatchObject({
        status: 403,
        body: { errorDetails: `key of "${key.name}": expected a key of kind operator, found ${key.kind}` },
      });
    }
    for (const path of ['/crossfade/v1/snapshot', '/flagd/v1/flags.json', '/ofrep/v1/stream']) {
      expect((await ask(path, { key: operatorKey })).status).toBe(403);
    }
    expect((await ask('/ofrep/v1/evaluate/flags', { key: operatorKey, body: {} })).status).toBe(403);
  });

  test.each([
    [{ reason: 'x' }, 'flags: expected a list of names, or "all", found none'],
    [{ flags: [], reason: 'x' }, 'flags: expected a list of names, or "all", found []'],
    [{ flags: ['a', 7], reason: 'x' }, 'found ["a",7]'],
    [{ flags: 'search', reason: 'x' }, 'found "search"'],
    [{ flags: 'all' }, 'reason: expected a text of up to 500 letters, found none'],
    [{ flags: 'all', reason: ' ' }, 'reason: expected a text'],
    [[], 'flags: expected a list'],
  ])('refuses %j', async (body, told) => {
    const { ask } = await startRelay({ keys, switchFlags: async () => [] });
    const refused = await ask(off, { key: operatorKey, body });
    expect(refused.status).toBe(400);
    expect(refused.body).toEqual({
      errorCode: 'GENERAL',
      errorDetails: expect.stringContaining(told) as string,
    });
  });

  it('tells why an order cannot be carried out', async () => {
    const answers = [
      new OrderRefused('no flag is called "x"'),
      new OrderRefused('the database is away', 503),
    ];
    const { ask } = await startRelay({
      keys,
      switchFlags: async () => {
        throw answers.shift() ?? new Error('secret');
      },
    });
    const body = { flags: ['x'], reason: 'why' };
    expect(await ask(off, { key: operatorKey, body })).toMatchObject({
      status: 400,
      body: { errorDetails: 'no flag is called "x"' },
    });
    const away = await ask(off, { key: operatorKey, body });
    expect([away.status, away.headers.get('retry-after')]).toEqual([503, '1']);
    const broken = await ask(off, { key: operatorKey, body });
    expect(broken.status).toBe(500);
    expect(JSON.stringify(broken.body)).not.toContain('secret');
  });

  it('is not there where nobody can carry it out', async () => {
    const { ask } = await startRelay({ keys });
    expect((await ask(off, { key: operatorKey, body: { flags: 'all', reason: 'x' } })).status).toBe(404);
  });
});
