import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { hasBrowser, needBrowser } from './testing/browser.ts';
import { messageOf, openWorkspace, type Workspace, write } from './testing/workspace.ts';

needBrowser();

let workspace: Workspace;
let maja: Page;

/** A tab that was open before the new release came: its page is Batch 1's, and the server is not. */
beforeAll(async () => {
  if (!hasBrowser) return;
  workspace = await openWorkspace({ messages: 500, people: 20, batch: 1 });
  const [first] = workspace.people;
  if (first === undefined) throw new Error('expected somebody');
  await workspace.publish(['virtual_scrolling', 'advanced_search', 'multi_agent', 'performance_monitoring']);
  maja = await workspace.enter(first);
});
afterAll(async () => {
  if (hasBrowser) await workspace.close();
});

it('draws its plain list, and tells no news, where every flag is on', async () => {
  await maja.locator('[data-list=plain]').waitFor();
  const me = await maja.evaluate<{ flags: Record<string, boolean> }>(
    "fetch('/v1/me').then((answer) => answer.json())",
  );
  expect(me.flags['virtual_scrolling']).toBe(true);
  expect(await maja.locator('.mnote').count()).toBe(0);
});

it('writes and reads as it always did', async () => {
  await write(maja, 'from the old page');
  await messageOf(maja, 'from the old page').waitFor();
});

it('offers no choice between two lists, since it has one', async () => {
  await maja.getByRole('link', { name: 'Settings' }).click();
  await maja.getByRole('heading', { name: 'Appearance' }).waitFor();
  expect(await maja.getByText('Plain message list').count()).toBe(0);
});
