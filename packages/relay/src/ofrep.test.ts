import { randomUUID } from 'node:crypto';
import { OFREPProvider } from '@openfeature/ofrep-provider';
import { OFREPWebProvider } from '@openfeature/ofrep-web-provider';
import { ErrorCode, type EvaluationContext } from '@openfeature/server-sdk';
import { describe, expect, it, onTestFinished, test, vi } from 'vitest';
import { clientKey, documentOf, killedPlan, serverKey, startRelay } from './testing/relay.ts';

vi.setConfig({ testTimeout: 120_000 });

const one = '/ofrep/v1/evaluate/flags/search';
const all = '/ofrep/v1/evaluate/flags';
const ann = randomUUID();
const bob = 'fffaffe0-0000-4000-8000-000000000001';
const members = { power_users: [ann] };

describe('one flag', () => {
  it('is answered with value, reason and variant', async () => {
    const { source, provider, ask } = await startRelay();
    await provider.initialize();
    source.publish(documentOf(), members);
    const { status, body } = await ask(one, { body: { context: { targetingKey: ann } } });
    expect(status).toBe(200);
    expect(body).toEqual({ key: 'search', value: true, reason: 'TARGETING_MATCH', variant: 'on' });
    const number = await ask(`${all}/cache_share`, { body: {} });
    expect(number.body).toEqual({ key: 'cache_share', value: 40, reason: 'STATIC', variant: 'value' });
  });

  it('comes without a value where the default of the application is meant', async () => {
    const { source, provider, ask } = await startRelay();
    await provider.initialize();
    const flag = { state: 'DISABLED', variants: { on: true, off: false }, defaultVariant: 'on' };
    source.publish(JSON.stringify({ flags: { search: { ...flag, metadata: { owner: 'search' } } } }));
    const { status, body } = await ask(one, { body: {} });
    expect(status).toBe(200);
    expect(body).toEqual({ key: 'search', reason: 'DISABLED', metadata: { owner: 'search' } });
  });

  test.each([
    [`${all}/gone`, {}, 404, ErrorCode.FLAG_NOT_FOUND, "flag 'gone' not found"],
    [
      one,
      {},
      400,
      ErrorCode.TARGETING_KEY_MISSING,
      'flag "search" decides by person: expected a targeting key',
    ],
    [one, { context: { targetingKey: 'käthe' } }, 400, ErrorCode.INVALID_CONTEXT, 'printable ASCII'],
    [
      one,
      { context: { targetingKey: 7 } },
      400,
      ErrorCode.INVALID_CONTEXT,
      'context.targetingKey: expected a text, found 7',
    ],
    [one, { context: [ann] }, 400, ErrorCode.INVALID_CONTEXT, 'context: expected an object, found ["'],
    [one, '"ann"', 400, ErrorCode.INVALID_CONTEXT, 'body: expected an object, found "ann"'],
    [one, '{"context":', 400, ErrorCode.PARSE_ERROR, 'JSON'],
  ])('%s with %j: %d %s', async (path, body, status, errorCode, details) => {
    const { source, provider, ask } = await startRelay();
    await provider.initialize();
    source.publish(documentOf(), members);
    const refused = await ask(path, { body });
    expect(refused.status).toBe(status);
    expect(refused.body).toEqual({
      key: path.split('/').at(-1),
      errorCode,
      errorDetails: expect.stringContaining(details) as string,
    });
  });

  it('of a body that is no JSON, or too much of it, says so', async () => {
    const { provider, source, ask } = await startRelay();
    await provider.initialize();
    source.publish(documentOf(), members);
    const form = await ask(one, {
      body: 'a=b',
      headers: { 'content-type': 'application/x-www-form-urlencoded' },
    });
    expect(form).toMatchObject({
      status: 415,
      body: { errorDetails: expect.stringContaining('Unsupported') as string },
    });
    const large = await ask(one, { body: { context: { note: 'x'.repeat(2_000_000) } } });
    expect(large).toMatchObject({ status: 413, body: { errorDetails: 'Request body is too large' } });
  });
});

describe('all flags', () => {
  it('come with a tag, and once more only when something has changed', async () => {
    const { source, provider, ask } = await startRelay();
    await provider.initialize();
    source.publish(documentOf(), members);
    const body = { context: { targetingKey: ann } };
    const first = await ask(all, { key: clientKey, body });
    expect(first.status).toBe(200);
    const { flags } = first.body as { flags: { key: string; value: unknown }[] };
    expect(flags.map(({ key, value }) => [key, value])).toEqual([
      ['cache_share', 40],
      ['dark', true],
      ['search', true],
    ]);
    const etag = first.headers.get('etag') ?? '';
    const again = await ask(all, {
      key: clientKey,
      body,
      headers: { 'if-none-match': `"other", W/${etag}` },
    });
    expect([again.status, again.body, again.headers.get('etag')]).toEqual([304, undefined, etag]);
    const another = { context: { targetingKey: bob } };
    expect(
      (await ask(all, { key: clientKey, body: another, headers: { 'if-none-match': etag } })).status,
    ).toBe(200);
    source.publish(documentOf(killedPlan), members);
    expect((await ask(all, { key: clientKey, body, headers: { 'if-none-match': etag } })).status).toBe(200);
  });

  it('of somebody without an id: those that decide by person say so, the others answer', async () => {
    const { source, provider, ask } = await startRelay();
    await provider.initialize();
    source.publish(documentOf(), members);
    const { body } = await ask(all, { body: {} });
    expect(body).toMatchObject({
      flags: [
        { key: 'cache_share', value: 40 },
        { key: 'dark' },
        { key: 'search', errorCode: 'TARGETING_KEY_MISSING' },
      ],
    });
  });

  it('of an id that is hashed differently elsewhere are refused as a whole', async () => {
    const { source, provider, ask } = await startRelay();
    await provider.initialize();
    source.publish(documentOf(), members);
    const refused = await ask(all, { body: { context: { targetingKey: 'käthe' } } });
    expect(refused).toMatchObject({ status: 400, body: { errorCode: 'INVALID_CONTEXT' } });
  });
});

describe('what is known', () => {
  it('nothing is answered before, so that nobody forgets what they remember', async () => {
    const { provider, source, ask } = await startRelay();
    for (const [path, body] of [
      [one, {}],
      [all, {}],
      ['/flagd/v1/flags.json'],
      ['/crossfade/v1/snapshot'],
    ] as const) {
      const early = await ask(path, { body });
      expect([early.status, early.headers.get('retry-after')]).toEqual([503, '1']);
    }
    await provider.initialize();
    // The source tells that nothing was ever published.
    source.recover();
    expect(await ask(all, { body: {} })).toMatchObject({ status: 200, body: { flags: [] } });
    expect(await ask(one, { body: {} })).toMatchObject({
      status: 404,
      body: { errorCode: 'FLAG_NOT_FOUND' },
    });
    expect((await ask('/flagd/v1/flags.json')).body).toEqual({ flags: {} });
    expect((await ask('/crossfade/v1/snapshot')).body).toBeNull();
  });

  it('is answered on while the source is gone', async () => {
    const { provider, source, ask } = await startRelay();
    await provider.initialize();
    source.publish(documentOf(), members);
    source.fail(new Error('the database is away'));
    expect(await ask(one, { body: { context: { targetingKey: ann } } })).toMatchObject({
      body: { value: true },
    });
  });
});

describe('OpenFeature’s own providers', () => {
  it('answer ten thousand people as our provider does in its process', async () => {
    const { url, source, provider } = await startRelay(
      { keys: [serverKey, { ...clientKey, requestsPerMinute: 1_000_000 }] },
      { prefix: '/flags' },
    );
    await provider.initialize();
    const people = Array.from({ length: 10_000 }, () => ({
      targetingKey: randomUUID(),
      plan: Math.random() < 0.5 ? 'gold' : 'free',
      age: Math.floor(Math.random() * 90),
    }));
    const powerUsers = people.filter((_, at) => at % 7 === 0).map(({ targetingKey }) => targetingKey);
    const rule = {
      if: [{ and: [{ '===': [{ var: 'plan' }, 'gold'] }, { '>=': [{ var: 'age' }, 18] }] }, 'long', 'short'],
    };
    const { flags } = JSON.parse(documentOf()) as { flags: Record<string, unknown> };
    const greeting = {
      state: 'ENABLED',
      variants: { long: 'Good morning', short: 'Hi' },
      defaultVariant: 'short',
      targeting: rule,
    };
    source.publish(JSON.stringify({ flags: { ...flags, greeting } }), { power_users: powerUsers });

    const headers = { 'x-api-key': serverKey.key };
    const single = new OFREPProvider({ baseUrl: url, headers });
    const ofPage = {
      baseUrl: url,
      headers: [['x-api-key', clientKey.key]] as [string, string][],
      pollInterval: 0,
    };
    const askAll = async (person: EvaluationContext): Promise<unknown[]> => {
      const page = new OFREPWebProvider(ofPage);
      await page.initialize(person);
      const search = page.resolveBooleanEvaluation('search', false, person);
      const text = page.resolveStringEvaluation('greeting', '', person);
      await page.onClose?.();
      return [search.value, search.variant, search.reason, text.value];
    };
    const compare = async (person: (typeof people)[number]): Promise<void> => {
      const search = await provider.resolveBooleanEvaluation('search', false, person, console);
      const text = await provider.resolveStringEvaluation('greeting', '', person, console);
      const expected = [search.value, search.variant, search.reason, text.value];
      // One request each: half of them about one flag, half about the other.
      const asked =
        person.age % 2 === 0
          ? [await single.resolveBooleanEvaluation('search', false, person), search]
          : [await single.resolveStringEvaluation('greeting', '', person), text];
      const [remote, local] = asked.map(({ value, variant, reason }) => ({ value, variant, reason }));
      expect(remote).toEqual(local);
      expect(await askAll(person)).toEqual(expected);
    };
    const waiting = people.values();
    await Promise.all(
      Array.from({ length: 16 }, async () => {
        for (const person of waiting) await compare(person);
      }),
    );
  });

  it('hear of a change, and ask again', async () => {
    const { url, source, provider } = await startRelay();
    await provider.initialize();
    source.publish(documentOf(), members);
    const page = new OFREPWebProvider({
      baseUrl: url,
      headers: [['x-api-key', clientKey.key]],
      pollInterval: 50,
    });
    onTestFinished(async () => await page.onClose?.());
    await page.initialize({ targetingKey: ann });
    expect(page.resolveBooleanEvaluation('search', false, {}).value).toBe(true);
    source.publish(documentOf(killedPlan), members);
    await vi.waitFor(
      () => expect(page.resolveBooleanEvaluation('search', true, {}).value).toBe(false),
      30_000,
    );
  });
});
