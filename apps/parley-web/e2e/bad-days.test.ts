import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { hasBrowser, needBrowser } from './testing/browser.ts';
import { goTo, messageOf, openWorkspace, signIn, type Workspace, write } from './testing/workspace.ts';

needBrowser();

let workspace: Workspace;
let maja: Page;
let kenji: Page;

beforeAll(async () => {
  if (!hasBrowser) return;
  workspace = await openWorkspace();
  const [first, second] = workspace.people;
  if (first === undefined || second === undefined) throw new Error('expected two people');
  maja = await workspace.enter(first);
  kenji = await workspace.enter(second);
});
afterAll(async () => {
  if (hasBrowser) await workspace.close();
});
beforeEach(async () => {
  if (!hasBrowser) return;
  for (const page of [maja, kenji]) await goTo(page, 'random');
});

/** How often a text stands in the database, which is what counts. */
const stored = async (text: string): Promise<number> =>
  Number((await workspace.sql('SELECT count(*) FROM public.messages WHERE body = $1', [text]))[0]?.['count']);

/** In the order in which they stand there. */
const shown = async (page: Page, mark: string): Promise<string[]> =>
  await page.locator('.talk article .t', { hasText: mark }).allInnerTexts();

describe('offline', () => {
  it('five messages wait, survive a reload, and go out once, in their order', async () => {
    await maja.context().setOffline(true);
    const texts = Array.from({ length: 5 }, (_, at) => `offline ${at + 1}`);
    for (const text of texts) await write(maja, text);
    await maja.getByText('You are offline.').waitFor();
    await maja.getByText('5 messages wait here').waitFor();
    await maja.context().setOffline(false);
    // Before anything could be sent, the page is gone and comes back.
    await maja.reload();
    await messageOf(kenji, 'offline 5').waitFor();
    expect(await shown(kenji, 'offline ')).toEqual(texts);
    for (const text of texts) expect(await stored(text)).toBe(1);
    await messageOf(maja, 'offline 5').waitFor();
    expect(await shown(maja, 'offline ')).toEqual(texts);
  });

  it('what others wrote, changed and took back meanwhile is there on return, each once', async () => {
    await write(kenji, 'written before');
    await messageOf(maja, 'written before').waitFor();
    await maja.context().setOffline(true);
    for (let at = 1; at <= 30; at += 1) await write(kenji, `meanwhile ${at}`);
    await messageOf(kenji, 'meanwhile 30').waitFor();
    await messageOf(kenji, 'written before').hover();
    await messageOf(kenji, 'written before').getByRole('button', { name: 'React' }).click();
    await kenji.getByLabel('Search emoji').fill('rocket');
    await kenji.keyboard.press('Enter');
    await maja.context().setOffline(false);
    await messageOf(maja, 'meanwhile 30').waitFor();
    await messageOf(maja, 'written before').getByRole('button', { name: /🚀, 1/ }).waitFor();
    expect(await shown(maja, 'meanwhile')).toEqual(
      Array.from({ length: 30 }, (_, at) => `meanwhile ${at + 1}`),
    );
  });
});

describe('a server that restarts', () => {
  it('while somebody writes loses nothing, and all go on by themselves', async () => {
    await maja.locator('.compose textarea').fill('half a sentence');
    await workspace.stopServer();
    await maja.getByText('No connection to the server.').waitFor();
    await maja.locator('.compose textarea').press('Enter');
    await maja.getByText('Not sent yet. The server does not answer.').waitFor();
    await workspace.startServer();
    await messageOf(kenji, 'half a sentence').waitFor();
    await maja.getByText('Not sent yet').waitFor({ state: 'detached' });
    expect(await stored('half a sentence')).toBe(1);
  });
});

describe('a session that ends in the middle of a send', () => {
  it('leads to the door, and the message goes out when one is in again', async () => {
    const account = workspace.people[2];
    if (account === undefined) throw new Error('expected a third person');
    const page = await workspace.enter(account);
    await goTo(page, 'random');
    // The session ends when the message has left the page and before the server sees it.
    await page.route('**/v1/conversations/*/messages', async (route) => {
      if (route.request().method() !== 'POST') return await route.continue();
      await workspace.sql(
        'UPDATE parley.sessions SET revoked_at = now() WHERE user_id = $1 AND revoked_at IS NULL',
        [account.id],
      );
      await route.continue();
    });
    await write(page, 'written without a session');
    await page.getByText('You were signed out.').waitFor();
    await page.unroute('**/v1/conversations/*/messages');
    await signIn(page, account.email, account.password);
    await messageOf(kenji, 'written without a session').waitFor();
    expect(await stored('written without a session')).toBe(1);
  });
});

describe('two tabs of one person', () => {
  it('send what waits in either of them once', async () => {
    const other = await maja.context().newPage();
    await other.goto(maja.url());
    await other.locator('.line article').first().waitFor();
    await maja.context().setOffline(true);
    await write(maja, 'from the first tab');
    await write(other, 'from the second tab');
    await maja.context().setOffline(false);
    for (const text of ['from the first tab', 'from the second tab']) {
      await messageOf(kenji, text).waitFor();
      await messageOf(other, text).waitFor();
      expect(await stored(text)).toBe(1);
    }
    await other.close();
  });

  it('keep a draft that either of them has begun', async () => {
    await maja.locator('.compose textarea').fill('to be continued');
    await maja.reload();
    await maja.locator('.line article').first().waitFor();
    expect(await maja.locator('.compose textarea').inputValue()).toBe('to be continued');
    await maja.getByRole('link', { name: /Drafts/ }).click();
    await maja.locator('.card', { hasText: 'to be continued' }).click();
    await maja.locator('.compose textarea').fill('');
  });
});

describe('storage that is full', () => {
  it('is said, and what is written is sent all the same', async () => {
    const account = workspace.people[3];
    if (account === undefined) throw new Error('expected a fourth person');
    const page = await workspace.enter(account);
    await goTo(page, 'random');
    await page.evaluate(`
      IDBObjectStore.prototype.put = () => { throw new DOMException('full', 'QuotaExceededError'); };
      Storage.prototype.setItem = () => { throw new DOMException('full', 'QuotaExceededError'); };
    `);
    await page.context().setOffline(true);
    await write(page, 'nowhere to keep it');
    await page.locator('.talk article', { hasText: 'nowhere to keep it' }).waitFor();
    await page.context().setOffline(false);
    await messageOf(kenji, 'nowhere to keep it').waitFor();
  });
});

describe('a clock that is wrong by a day', () => {
  it('is said, and times follow the server', async () => {
    const account = workspace.people[4];
    if (account === undefined) throw new Error('expected a fifth person');
    const page = await workspace.visit();
    await page.clock.setFixedTime(Date.now() + 86_400_000);
    await signIn(page, account.email, account.password);
    await page.getByText(/This device’s clock is 1 day ahead/).waitFor();
  });
});

describe('messages that are made to break a page', () => {
  it('are words', async () => {
    const attacks = [
      '<img src=x onerror="document.title=1">',
      '[x](javascript:alert(1)) ![y](https://evil.example/t.png)',
      '>'.repeat(4_000),
      `a${'\u0301'.repeat(3_000)}b`,
      '\u202Eesrever',
      '```js\n</code><script>alert(1)</script>\n```',
    ];
    for (const text of attacks) await write(kenji, text);
    await messageOf(maja, '</code>').waitFor();
    expect(await maja.locator('.talk .said img, .talk .said script').count()).toBe(0);
    expect(await maja.locator('.talk .said a[href^="javascript"]').count()).toBe(0);
    await write(maja, 'still here');
    await messageOf(kenji, 'still here').waitFor();
  });

  it('are sent as a file where they are too long for a message', async () => {
    await maja.locator('.compose textarea').fill('word '.repeat(40_000));
    await maja.getByRole('button', { name: 'Send as a file' }).click();
    await maja.locator('.uploads li > .i').waitFor();
    await maja.getByRole('button', { name: 'Send', exact: true }).click();
    await kenji.locator('.file-card', { hasText: 'message.txt' }).waitFor();
  });
});

describe('somebody who is removed', () => {
  it('is at the door at once, and what they wrote is by a former member', async () => {
    const [, , third] = workspace.people;
    if (third === undefined) throw new Error('expected three people');
    const leaving = await workspace.enter(third);
    await goTo(leaving, 'random');
    await write(leaving, 'so long, and thank you');
    await messageOf(maja, 'so long, and thank you').waitFor();
    await workspace.remove(third);
    await leaving.getByRole('button', { name: 'Sign in' }).waitFor();
    await maja.reload();
    const message = messageOf(maja, 'so long, and thank you');
    await message.waitFor();
    expect(await message.innerText()).toContain('Former member');
    await leaving.context().close();
  });
});

describe('a channel of ten thousand members', () => {
  it('opens, tells how many they are, finds one of them, and completes a name', async () => {
    await workspace.sql(
      `WITH people AS (
         INSERT INTO auth.users (raw_user_meta_data)
         SELECT jsonb_build_object('name', 'Member Number' || n) FROM generate_series(1, 10000) n RETURNING id)
       INSERT INTO conversation_participants (conversation_id, user_id)
       SELECT c.id, p.id FROM people p, conversations c WHERE c.title = 'random'`,
    );
    await maja.reload();
    await maja.locator('.line article').first().waitFor();
    await maja.getByRole('button', { name: 'Details' }).click();
    await maja.getByRole('heading', { name: /Members 10,?0\d\d/ }).waitFor();
    await maja.getByLabel('Find a member').fill('number9876');
    await maja.locator('.choices b', { hasText: 'Member Number9876' }).waitFor();
    expect(await maja.locator('.choices li').count()).toBeLessThan(5);
    await maja.keyboard.press('Escape');
    const field = maja.locator('.talk .compose textarea');
    await field.click();
    await field.pressSequentially('@number4321');
    await maja.getByRole('option', { name: /Member Number4321/ }).waitFor();
    await field.fill('');
  });
});
