import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { buildPage, servePage, type BuiltPage } from './testing/built-page.ts';
import { findChromium, launchChromium, noChromium } from '@crossfade/local-chromium';
import { clientKey, documentOf, killedPlan, plan, startRelay, type TestRelay } from './testing/relay.ts';

vi.setConfig({ testTimeout: 60_000, hookTimeout: 60_000 });
const soon = { timeout: 20_000 };
const executable = findChromium();
/** In a power user's place, and in nobody's. */
const [anna, ben] = ['5f3c1a52-6f0e-4e55-9d53-4f1a5e3c2b10', '00000000-0000-4000-8000-000000000001'];

let built: BuiltPage;
let site: Awaited<ReturnType<typeof servePage>>;
let browser: Browser | undefined;
beforeAll(async () => {
  built = await buildPage();
  site = await servePage(built);
  if (executable !== undefined) browser = await launchChromium(executable);
});
afterAll(async () => {
  await browser?.close();
  await site.close();
});

async function published(): Promise<TestRelay> {
  const page = { ...clientKey, origins: [site.url], requestsPerMinute: 10_000 };
  const relay = await startRelay({ keys: [page] });
  await relay.provider.initialize();
  relay.source.publish(documentOf(), { power_users: [anna] });
  return relay;
}

interface Visit {
  readonly page: Page;
  readonly problems: readonly string[];
  readonly read: (id: string) => Promise<string | null>;
  /** Everything that was ever on the screen, in order. */
  readonly seen: () => Promise<readonly string[]>;
}

/** A new visitor, or with `of` another visit of an earlier one. */
async function visit(
  relay: string,
  person: string,
  { of = undefined as Page | undefined } = {},
): Promise<Visit> {
  if (!browser) throw new Error(noChromium);
  const context = of?.context() ?? (await browser.newContext());
  if (!of) onTestFinished(async () => await context.close());
  const page = await context.newPage();
  const problems: string[] = [];
  page.on('console', (message) => message.type() === 'error' && problems.push(message.text()));
  page.on('pageerror', (error) => problems.push(error.message));
  const address = new URL(site.url);
  address.search = String(new URLSearchParams({ relay, key: clientKey.key, person, other: ben }));
  await page.goto(address.href);
  await page.waitForSelector('#search');
  return {
    page,
    problems,
    read: async (id) => await page.textContent(`#${id}`),
    seen: async () => await page.evaluate(() => (globalThis as unknown as { seen: string[] }).seen),
  };
}

describe('what a page loads of us', () => {
  it('has nothing of a server in it', () => {
    const foreign = built.modules.filter((name) =>
      /flagd-core|server-sdk|json-logic|node_modules\/pg|__vite-browser-external|fastify|\bnode:/.test(name),
    );
    expect(foreign).toEqual([]);
    const ours = built.modules.filter((name) => name.includes('packages/flags'));
    expect(ours.length).toBeGreaterThan(5);
    expect(ours.join('\n')).not.toMatch(/evaluation|flag-state|http-|postgres/);
  });
});

describe('a page in Chromium', () => {
  it('begins with its own default, then shows what its person has, and changes without being loaded again', async ({
    skip,
  }) => {
    skip(executable === undefined, noChromium);
    const relay = await published();
    const { page, read, seen, problems } = await visit(relay.url, anna);
    await expect.poll(async () => await read('search'), soon).toBe('new search');
    expect(await seen()).toEqual(['old search', 'new search']);

    relay.source.publish(documentOf(killedPlan));
    await expect.poll(async () => await read('search'), soon).toBe('old search');
    relay.source.publish(documentOf(plan), { power_users: [anna] });
    await expect.poll(async () => await read('search'), soon).toBe('new search');
    expect(await seen()).toHaveLength(4);
    await page.click('#use');
    expect(await page.evaluate(() => (globalThis as unknown as { tracked: string[] }).tracked)).toEqual([
      `search by ${anna}`,
    ]);
    expect(problems).toEqual([]);
  });

  it('starts with what it was told on the last visit while the relay is away, and hears of it when it is back', async ({
    skip,
  }) => {
    skip(executable === undefined, noChromium);
    const relay = await published();
    const first = await visit(relay.url, anna);
    await expect.poll(async () => await first.read('search'), soon).toBe('new search');
    await first.page.close();
    await first.page.context().route(`${relay.url}/**`, async (route) => await route.abort());

    const second = await visit(relay.url, anna, { of: first.page });
    await expect.poll(async () => await second.read('search'), soon).toBe('new search');
    expect(await second.read('reason')).toBe('CACHED');
    relay.source.publish(documentOf(killedPlan));
    await first.page.context().unroute(`${relay.url}/**`);
    await expect.poll(async () => await second.read('search'), soon).toBe('old search');
  });

  it('shows nobody what the person before was answered, also while the relay is away', async ({ skip }) => {
    skip(executable === undefined, noChromium);
    const relay = await published();
    const { page, read, seen } = await visit(relay.url, anna);
    await expect.poll(async () => await read('search'), soon).toBe('new search');
    const before = (await seen()).length;
    await page.context().route(`${relay.url}/**`, async (route) => await route.abort());
    await page.click('#sign-in');
    await expect.poll(async () => await read('search'), soon).toBe('old search');
    await page.context().unroute(`${relay.url}/**`);
    await page.waitForTimeout(1_500);
    expect((await seen()).slice(before)).toEqual(['old search']);
  });
});
