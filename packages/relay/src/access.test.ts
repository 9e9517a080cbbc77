import { membersHeader, membersTag } from '@crossfade/flags/server';
import Fastify from 'fastify';
import { describe, expect, it, test } from 'vitest';
import { flagRelay, type RelayKey } from './index.ts';
import { keyRing } from './relay-key.ts';
import { listenToStream } from './testing/listen-to-stream.ts';
import { clientKey, documentOf, serverKey, startRelay, type TestRelay } from './testing/relay.ts';

const all = '/ofrep/v1/evaluate/flags';

async function published(keys?: readonly RelayKey[]): Promise<TestRelay> {
  const relay = await startRelay(keys === undefined ? {} : { keys });
  await relay.provider.initialize();
  relay.source.publish(documentOf(), { power_users: ['ann', 'bob'] });
  return relay;
}

describe('a key', () => {
  it('is needed for everything, in either header', async () => {
    const { ask, url } = await published();
    const paths = [
      all,
      `${all}/search`,
      '/ofrep/v1/stream',
      '/flagd/v1/flags.json',
      '/crossfade/v1/snapshot',
    ];
    for (const path of paths) {
      const body = path.startsWith(all) ? {} : undefined;
      const refused = await ask(path, { body, key: { ...serverKey, key: 'not-a-key-of-anybody-here' } });
      expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
      expect(refused.body).toEqual({ errorDetails: expect.stringContaining('x-api-key') as string });
    }
    const none = await fetch(`${url}/flagd/v1/flags.json`);
    expect(none.status).toBe(401);
    const other = await fetch(`${url}/flagd/v1/flags.json`, { headers: { 'x-api-key': serverKey.key } });
    expect(other.status).toBe(200);
  });

  it('of a page tells nobody who is in which segment', async () => {
    const { ask } = await published();
    for (const path of ['/flagd/v1/flags.json', '/crossfade/v1/snapshot']) {
      const refused = await ask(path, { key: clientKey });
      expect(refused).toMatchObject({
        status: 403,
        body: { errorDetails: expect.stringContaining('"page"') as string },
      });
    }
  });

  it('of a page is of use on that page only', async () => {
    const { ask, url } = await published();
    const here = { key: clientKey, body: {}, headers: { origin: 'https://chat.example.org' } };
    const taken = await ask(all, here);
    expect(taken.status).toBe(200);
    expect(taken.headers.get('access-control-allow-origin')).toBe('https://chat.example.org');
    expect(taken.headers.get('access-control-expose-headers')).toContain('etag');
    const elsewhere = await ask(all, { ...here, headers: { origin: 'https://evil.example.org' } });
    expect(elsewhere.status).toBe(403);
    const preflight = await fetch(`${url}${all}`, {
      method: 'OPTIONS',
      headers: {
        origin: 'https://chat.example.org',
        'access-control-request-method': 'POST',
        'access-control-request-headers': 'x-api-key,content-type',
      },
    });
    expect([preflight.status, preflight.headers.get('access-control-allow-methods')]).toEqual([
      204,
      'GET, HEAD, POST',
    ]);
  });

  it('has a token for its stream, which opens nothing else and which nobody can make up', async () => {
    const { url } = await published();
    const token = keyRing([serverKey, clientKey]).streamTokenOf(serverKey);
    expect((await listenToStream(`${url}/ofrep/v1/stream?token=${token}`)).status).toBe(200);
    expect((await fetch(`${url}/crossfade/v1/snapshot?token=${token}`)).status).toBe(401);
    for (const forged of [`${token}x`, token.replace('mail', 'page'), 'mail.', '.', token.slice(0, -1)]) {
      expect((await listenToStream(`${url}/ofrep/v1/stream?token=${forged}`)).status).toBe(401);
    }
  });

  it('is answered so often, a page’s at each address, and is then told when to come back', async () => {
    const { ask } = await published([{ ...serverKey, requestsPerMinute: 2 }, clientKey]);
    const statuses = [];
    for (let time = 0; time < 3; time += 1) statuses.push((await ask(all, { body: {} })).status);
    expect(statuses).toEqual([200, 200, 429]);
    const refused = await ask(all, { body: {} });
    expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0);
    expect(refused.body).toEqual({ errorDetails: expect.stringContaining('Rate limit') as string });
    // Others are not held up by it.
    expect((await ask(all, { key: clientKey, body: {} })).status).toBe(200);
  });
});

describe('keys that are not sound', () => {
  const sound = { name: 'mail', key: 'x'.repeat(20), kind: 'server' as const };
  test.each<[readonly RelayKey[], string]>([
    [[], 'expected at least one key, found none'],
    [[{ ...sound, name: 'my mail' }], 'name "my mail": expected up to 64 letters'],
    [[{ ...sound, key: 'short' }], 'key of "mail": expected 20 to 200 letters'],
    [
      [{ ...sound, kind: 'root' as 'server' }],
      'key of "mail": kind "root": expected "server", "client" or "operator"',
    ],
    [[{ ...sound, requestsPerMinute: 0.5 }], 'requestsPerMinute 0.5: expected a whole number above 0'],
    [
      [{ ...sound, origins: ['chat.example.org'] }],
      'origin "chat.example.org": expected an address like "https://chat.example.org"',
    ],
    [
      [{ ...sound, origins: ['https://a.org/'] }],
      'origin "https://a.org/": expected an address like "https://a.org"',
    ],
    [[sound, { ...sound, key: 'y'.repeat(20) }], 'name "mail": expected once, found again'],
    [[sound, { ...sound, name: 'other' }], 'key of "other": another name has the same'],
  ])('%j: %s', (keys, problem) => {
    expect(() => keyRing(keys)).toThrow(problem);
  });

  it('are refused at the start, without showing them', async () => {
    const { provider } = await startRelay();
    const starting = async () =>
      await Fastify().register(flagRelay, { provider, keys: [{ ...sound, key: 'secret' }] });
    await expect(starting()).rejects.toThrow('expected 20 to 200');
    await expect(starting()).rejects.not.toThrow('secret');
  });
});

describe('for those who evaluate elsewhere', () => {
  it('there is the document as any flagd reads it, with its digest as its tag', async () => {
    const { ask, provider } = await published();
    const { body, headers, status } = await ask('/flagd/v1/flags.json');
    expect(status).toBe(200);
    expect(body).toEqual(JSON.parse(documentOf()));
    expect(headers.get('etag')).toBe(`"${provider.snapshot()?.digest}"`);
    expect(headers.get('content-type')).toBe('application/json; charset=utf-8');
    const again = await ask('/flagd/v1/flags.json', {
      headers: { 'if-none-match': headers.get('etag') ?? '' },
    });
    expect(again.status).toBe(304);
  });

  it('there is the snapshot, with who is in the segments that a flag asks for', async () => {
    const { ask, source } = await published();
    const { body, headers } = await ask('/crossfade/v1/snapshot');
    expect(body).toMatchObject({ revision: 1, segments: [['power_users', ['ann', 'bob']]] });
    const known = { 'if-none-match': headers.get('etag') ?? '' };
    expect((await ask('/crossfade/v1/snapshot', { headers: known })).status).toBe(304);
    // The same document with one member more is something else.
    source.publish(documentOf(), { power_users: ['ann', 'bob', 'cem'] });
    expect((await ask('/crossfade/v1/snapshot', { headers: known })).status).toBe(200);
  });

  it('there are no members for those who have them already, and who are not mistaken about them', async () => {
    const { ask, source, provider } = await published();
    const having = (segments: ReadonlyMap<string, ReadonlySet<string>>) => ({
      headers: { [membersHeader]: encodeURIComponent(membersTag(segments)) },
    });
    const segments = provider.snapshot()?.segments ?? new Map<string, Set<string>>();
    const { body } = await ask('/crossfade/v1/snapshot', having(segments));
    expect(body).toMatchObject({ revision: 1, segments: null });
    for (const others of [['ann', 'bea'], ['ann'], ['ann', 'bob', 'cem']]) {
      const known = new Map([['power_users', new Set(others)]]);
      expect((await ask('/crossfade/v1/snapshot', having(known))).body).toMatchObject({
        segments: [['power_users', ['ann', 'bob']]],
      });
    }
    source.publish(documentOf(), { power_users: ['ann', 'bob', 'cem'] });
    expect((await ask('/crossfade/v1/snapshot', having(segments))).body).toMatchObject({
      segments: [['power_users', ['ann', 'bob', 'cem']]],
    });
  });
});
