import { AxeBuilder } from '@axe-core/playwright';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { BrowserContextOptions, Page } from 'playwright-core';
import { hasBrowser, needBrowser } from './testing/browser.ts';
import { goTo, messageOf, openWorkspace, type Workspace, write } from './testing/workspace.ts';

needBrowser();

let workspace: Workspace;

beforeAll(async () => {
  if (!hasBrowser) return;
  workspace = await openWorkspace();
  await workspace.publish(['virtual_scrolling']);
});
afterAll(async () => {
  if (hasBrowser) await workspace.close();
});

/** What axe finds against WCAG 2.2 AA, each with the place. */
async function findings(page: Page): Promise<string[]> {
  // Words that fade in are paler than they will be.
  await page.waitForTimeout(500);
  const { violations } = await new AxeBuilder({ page })
    .withTags(['wcag2a', 'wcag2aa', 'wcag21a', 'wcag21aa', 'wcag22aa', 'best-practice'])
    .analyze();
  return violations.flatMap(({ id, nodes }) =>
    nodes
      .slice(0, 3)
      .map(({ target, failureSummary }) => `${id}: ${target.join(' ')}: ${failureSummary ?? ''}`),
  );
}

const looks: Record<string, BrowserContextOptions> = {
  'in the light': { colorScheme: 'light' },
  'in the dark': { colorScheme: 'dark' },
  'on a phone': { viewport: { width: 390, height: 844 }, hasTouch: true },
  'at 200 %, in little room': { viewport: { width: 640, height: 512 }, reducedMotion: 'reduce' },
};

describe.each(Object.entries(looks))('every view %s', (_, options) => {
  let page: Page;
  let atTheDoor: string[];
  const isNarrow = (options.viewport?.width ?? 1_440) < 768;
  const toList = async (): Promise<void> => {
    if (isNarrow) await page.goto(`${workspace.url}/?list=true`);
  };

  beforeAll(async () => {
    if (!hasBrowser) return;
    const [account] = workspace.people;
    if (account === undefined) throw new Error('expected somebody');
    page = await workspace.visit(options);
    atTheDoor = await findings(page);
    await page.getByLabel('Email').fill(account.email);
    await page.getByLabel('Password').fill(account.password);
    await page.getByRole('button', { name: 'Sign in' }).click();
    await page.locator('.side .row').first().waitFor();
  });

  it('the door', () => expect(atTheDoor).toEqual([]));

  it('the list of conversations, and one of them', async () => {
    expect(await findings(page)).toEqual([]);
    await goTo(page, 'random');
    await write(
      page,
      'Some **words**, `code`, a [link](https://example.org) and\n```ts\nconst tide = 5.1;\n```\n- one\n- two',
    );
    await messageOf(page, 'Some words').waitFor();
    await page.locator('.mnote').first().waitFor();
    expect(await findings(page)).toEqual([]);
  });

  it('a thread, the details, what is pinned, and what is found', async () => {
    const { pathname } = new URL(page.url());
    const seq = await messageOf(page, 'Some words').getAttribute('data-message');
    for (const search of [`thread=${seq}`, 'panel=details', 'panel=pins', 'panel=find']) {
      await page.goto(`${workspace.url}${pathname}?${search}`);
      await page.locator('.thread').waitFor();
      expect(await findings(page)).toEqual([]);
    }
  });

  it('dialogs and menus', async () => {
    await toList();
    await page.locator('.side .row').first().waitFor();
    await page.keyboard.press('Control+k');
    await page.getByRole('dialog').waitFor();
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'New message' }).click();
    await page.getByRole('option').first().waitFor();
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await page
      .locator('.side')
      .getByRole('heading', { name: /Channels/ })
      .hover();
    await page.getByRole('button', { name: 'Add a channel' }).click();
    await page.getByRole('dialog').waitFor();
    expect(await findings(page)).toEqual([]);
    await page.keyboard.press('Escape');
  });

  it('mentions, drafts, search, settings and the status', async () => {
    for (const path of ['/mentions', '/drafts', '/search?q=words', '/settings', '/status']) {
      await page.goto(workspace.url + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      expect(await findings(page)).toEqual([]);
    }
  });

  it('nothing is wider than the window', async () => {
    for (const path of ['/settings', '/mentions', '/status']) {
      await page.goto(workspace.url + path);
      await page.getByRole('heading', { level: 1 }).waitFor();
      const excess = await page.evaluate('document.documentElement.scrollWidth - window.innerWidth');
      expect(excess).toBeLessThanOrEqual(0);
    }
  });
});
