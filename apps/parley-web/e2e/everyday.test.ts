import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { hasBrowser, needBrowser } from './testing/browser.ts';
import { goTo, messageOf, openWorkspace, write, type Workspace } from './testing/workspace.ts';

needBrowser();

let workspace: Workspace;
let maja: Page;
let kenji: Page;
let majaName: string;
let kenjiName: string;

const nameIn = async (page: Page): Promise<string> => (await page.locator('.me b').innerText()).trim();

beforeAll(async () => {
  if (!hasBrowser) return;
  workspace = await openWorkspace();
  const [first, second] = workspace.people;
  if (first === undefined || second === undefined) throw new Error('expected two people');
  maja = await workspace.enter(first);
  kenji = await workspace.enter(second, { colorScheme: 'dark' });
  [majaName, kenjiName] = [await nameIn(maja), await nameIn(kenji)];
  for (const page of [maja, kenji]) await goTo(page, 'random');
});
afterAll(async () => {
  if (hasBrowser) await workspace.close();
});

describe('two people in a channel', () => {
  it('see each other write, and read it at once', async () => {
    const field = kenji.locator('.compose textarea');
    await field.pressSequentially('Is the pier open?');
    await maja.locator('.typing', { hasText: kenjiName }).waitFor();
    await field.press('Enter');
    await messageOf(maja, 'Is the pier open?').waitFor();
    expect(await field.inputValue()).toBe('');
  });

  it('react, and take it back', async () => {
    await messageOf(maja, 'Is the pier open?').hover();
    await messageOf(maja, 'Is the pier open?').getByRole('button', { name: 'React' }).click();
    await maja.getByLabel('Search emoji').fill('anchor');
    await maja.getByRole('button', { name: 'anchor', exact: true }).click();
    const reaction = messageOf(kenji, 'Is the pier open?').getByRole('button', { name: /^⚓.*, 1$/ });
    await reaction.waitFor();
    await reaction.click();
    await messageOf(maja, 'Is the pier open?')
      .getByRole('button', { name: /^⚓.*, 2$/, pressed: true })
      .click();
    await messageOf(kenji, 'Is the pier open?')
      .getByRole('button', { name: /^⚓.*, 1$/, pressed: true })
      .waitFor();
  });

  it('answer in a thread, beside the conversation', async () => {
    await messageOf(maja, 'Is the pier open?').hover();
    await messageOf(maja, 'Is the pier open?').getByRole('button', { name: 'Reply in thread' }).click();
    const thread = maja.getByRole('complementary', { name: 'Thread' });
    await thread.locator('textarea').fill('From ten o’clock, with **coats**');
    await thread.locator('textarea').press('Enter');
    await messageOf(kenji, 'Is the pier open?').getByText('1 reply').click();
    await kenji.locator('.thread strong', { hasText: 'coats' }).waitFor();
    await kenji.locator('.thread textarea').fill('Thank you');
    await kenji.locator('.thread textarea').press('Enter');
    await thread.getByText('Thank you').waitFor();
    await maja.keyboard.press('Escape');
    await thread.waitFor({ state: 'detached' });
    await kenji.getByRole('button', { name: 'Close thread' }).click();
    expect(await maja.locator('.talk article', { hasText: 'From ten' }).count()).toBe(0);
  });

  it('name each other, are told of it elsewhere, and come back to it', async () => {
    await goTo(kenji, 'general');
    const field = maja.locator('.compose textarea');
    const first = kenjiName.split(' ')[0] ?? '';
    await field.fill(`Look, @${first}`);
    await maja.getByRole('option', { name: kenjiName }).click();
    await field.pressSequentially('the tide!');
    await field.press('Enter');
    await messageOf(maja, 'the tide!').locator('.mention', { hasText: kenjiName }).waitFor();
    await kenji.locator('.side .hit').first().waitFor();
    await kenji.getByRole('link', { name: /Mentions/ }).click();
    await kenji.locator('.card', { hasText: 'the tide!' }).click();
    await messageOf(kenji, 'the tide!').locator('.mention.self').waitFor();
    await kenji.locator('article.is-open', { hasText: 'the tide!' }).waitFor();
  });

  it('edit by arrow up, with a mark; delete, with a line in its place', async () => {
    await goTo(kenji, 'random');
    await write(maja, 'Low tide at sevn');
    await messageOf(kenji, 'Low tide at sevn').waitFor();
    await maja.keyboard.press('ArrowUp');
    const box = maja.locator('.edit-box textarea');
    await box.fill('Low tide at seven');
    await box.press('Enter');
    await messageOf(kenji, 'Low tide at seven').getByText('edited').waitFor();
    await messageOf(maja, 'Low tide at seven').hover();
    await messageOf(maja, 'Low tide at seven').getByRole('button', { name: 'More actions' }).click();
    maja.once('dialog', (dialog) => void dialog.accept());
    await maja.getByRole('menuitem', { name: 'Delete' }).click();
    await kenji.getByText(`${majaName} deleted this message.`).last().waitFor();
    expect(await kenji.locator('.talk').getByText('Low tide at seven').count()).toBe(0);
  });

  it('send a picture with a preview, and a file to download', async () => {
    await maja.locator('.compose input[type=file]').setInputFiles([
      { name: 'pier.png', mimeType: 'image/png', buffer: onePixel },
      { name: 'tides.csv', mimeType: 'text/csv', buffer: Buffer.from('07:40,5.1') },
    ]);
    // Whoever is quicker than their files need not wait for them.
    await write(maja, 'As promised');
    const received = messageOf(kenji, 'As promised');
    await received.getByRole('img', { name: 'pier.png' }).waitFor();
    const [download] = await Promise.all([
      kenji.waitForEvent('download'),
      received.getByText('tides.csv').click(),
    ]);
    expect(download.suggestedFilename()).toBe('tides.csv');
  });

  it('take a file back that is still on its way, and nothing is sent; leave while it is, and it is sent', async () => {
    const letGo: (() => void)[] = [];
    await maja.route('**/attachments?**', async (route) => {
      await new Promise<void>((resolve) => letGo.push(resolve));
      await route.continue().catch(() => undefined);
    });
    const file = { name: 'pier.csv', mimeType: 'text/csv', buffer: Buffer.from('1,2') };
    await maja.locator('.compose input[type=file]').setInputFiles([file]);
    await write(maja, 'The figures of the pier');
    await maja.getByRole('button', { name: 'Sends with its files' }).waitFor();
    await maja.getByRole('button', { name: 'Remove pier.csv' }).click();
    await maja.getByRole('button', { name: 'Send', exact: true }).waitFor();
    expect(await messageOf(maja, 'The figures of the pier').count()).toBe(0);
    await maja.locator('.compose input[type=file]').setInputFiles([file]);
    await maja.locator('.compose textarea').press('Enter');
    await maja.getByRole('button', { name: 'Sends with its files' }).waitFor();
    await goTo(maja, 'general');
    letGo.forEach((go) => go());
    await messageOf(kenji, 'The figures of the pier').getByText('pier.csv').waitFor();
    await maja.unroute('**/attachments?**');
    await goTo(maja, 'random');
    expect(await maja.locator('.compose textarea').inputValue()).toBe('');
    expect(await messageOf(maja, 'The figures of the pier').count()).toBe(1);
  });

  it('pin what matters, and copy a link that leads to it', async () => {
    await messageOf(kenji, 'As promised').hover();
    await messageOf(kenji, 'As promised').getByRole('button', { name: 'More actions' }).click();
    await kenji.getByRole('menuitem', { name: 'Pin to this conversation' }).click();
    await maja.getByRole('button', { name: 'Pinned messages' }).click();
    await maja.locator('.panel .card', { hasText: 'As promised' }).waitFor();
    await messageOf(maja, 'As promised').hover();
    // Where the conversation is narrow, one button holds all actions.
    await messageOf(maja, 'As promised').getByRole('button', { name: 'More actions' }).click();
    await maja.getByRole('menuitem', { name: 'Copy link to this message' }).click();
    await maja.getByText('Link copied').waitFor();
    const link = await maja.evaluate('navigator.clipboard.readText()');
    await kenji.goto(String(link));
    await kenji.locator('article.is-open', { hasText: 'As promised' }).waitFor();
  });

  it('find words in the conversation, and in all of them', async () => {
    await maja.getByRole('button', { name: 'Find in this conversation' }).click();
    await maja.getByRole('searchbox', { name: 'Find in this conversation' }).fill('pier open');
    await maja.locator('.panel .card', { hasText: 'Is the pier open?' }).click();
    await maja.locator('article.is-open', { hasText: 'Is the pier open?' }).waitFor();
    await kenji.keyboard.press('Control+k');
    await kenji.getByRole('combobox', { name: 'Conversation or person' }).fill('pier open');
    await kenji.getByRole('option', { name: /Search messages/ }).click();
    await kenji.locator('.page .card', { hasText: 'Is the pier open?' }).first().waitFor();
  });

  it('jump by a few letters, and write to one person alone', async () => {
    await maja.keyboard.press('Control+k');
    await maja.getByRole('combobox', { name: 'Conversation or person' }).fill('gener');
    await maja.keyboard.press('Enter');
    await maja.getByRole('heading', { level: 1, name: 'general' }).waitFor();
    await maja.getByRole('button', { name: 'New message' }).click();
    await maja.getByRole('combobox', { name: /Choose one person/ }).fill(kenjiName);
    await maja.getByRole('option', { name: kenjiName }).click();
    await maja.getByRole('button', { name: 'Write', exact: true }).click();
    await maja.getByRole('heading', { level: 1, name: kenjiName }).waitFor();
    await write(maja, 'Just between us');
    await goTo(kenji, majaName);
    await messageOf(kenji, 'Just between us').waitFor();
    await maja.getByText(`Seen by ${kenjiName}`).waitFor();
  });

  it('make a channel, bring the other in, and leave it', async () => {
    await maja.getByRole('button', { name: 'Add a channel' }).click();
    const dialog = maja.getByRole('dialog');
    await dialog.getByLabel('Name').fill('harbours-norway');
    await dialog.getByLabel('What it is for').fill('Timetables of the north');
    await dialog.getByRole('button', { name: 'Create' }).click();
    await maja.getByRole('heading', { name: 'harbours-norway starts here' }).waitFor();
    await maja.getByRole('button', { name: 'Details' }).click();
    await maja.getByRole('button', { name: 'Add people' }).click();
    await maja.getByRole('combobox', { name: 'Name' }).fill(kenjiName);
    await maja.getByRole('option', { name: kenjiName }).click();
    await maja.getByRole('button', { name: 'Add', exact: true }).click();
    await goToEmpty(kenji, 'harbours-norway');
    await kenji.getByRole('button', { name: 'Details' }).click();
    kenji.once('dialog', (asked) => void asked.accept());
    await kenji.getByRole('button', { name: 'Leave' }).click();
    await kenji
      .locator('.side')
      .getByRole('link', { name: /^harbours-norway/ })
      .waitFor({ state: 'detached' });
  });

  it('mark unread, and mute what is noisy', async () => {
    await goTo(kenji, 'random');
    await messageOf(kenji, 'As promised').hover();
    await messageOf(kenji, 'As promised').getByRole('button', { name: 'More actions' }).click();
    await kenji.getByRole('menuitem', { name: 'Mark unread from here' }).click();
    await kenji.locator('.fresh-line').waitFor();
    await kenji.getByRole('button', { name: /Mark as read/ }).click();
    await kenji.locator('.fresh-line').waitFor({ state: 'detached' });
    await kenji.getByRole('button', { name: 'Details' }).click();
    await kenji.getByRole('button', { name: 'Mute' }).click();
    await kenji.locator('.side .row.muted', { hasText: 'random' }).waitFor();
  });
});

describe('settings', () => {
  it('change the look at once and everywhere, and the name that others see', async () => {
    await maja.getByRole('link', { name: 'Settings' }).click();
    await maja.getByText('Dark', { exact: true }).click();
    await maja.locator('html[data-theme=dark]').waitFor({ state: 'attached' });
    await maja.getByLabel('Role').fill('Harbour master');
    await maja.getByRole('button', { name: 'Save', exact: true }).click();
    await maja.getByText('Saved').waitFor();
    await maja.reload();
    await maja.locator('html[data-theme=dark]').waitFor({ state: 'attached' });
    expect(await maja.getByLabel('Role').inputValue()).toBe('Harbour master');
  });
});

describe('somebody new', () => {
  it('makes an account, and finds a channel to join', async () => {
    const page = await workspace.visit();
    await page.getByRole('button', { name: 'Create an account' }).click();
    await page.getByLabel('Name').fill('Noor Haddad');
    await page.getByLabel('Email').fill('noor@parley.example');
    await page.getByLabel('Password').fill('a long walk on the pier');
    await page.getByRole('button', { name: 'Join' }).click();
    await page.getByRole('button', { name: 'Add a channel' }).click();
    const channel = page.locator('.choices li', { hasText: 'harbours-norway' });
    await channel.getByRole('button', { name: 'Join' }).click();
    await page.getByRole('heading', { level: 1, name: 'harbours-norway' }).waitFor();
    await write(page, 'مرحبا من العقبة');
    await messageOf(page, 'مرحبا').waitFor();
    const direction = await page.evaluate(
      "getComputedStyle([...document.querySelectorAll('.said .t')].at(-1)).direction",
    );
    expect(direction).toBe('rtl');
  });
});

/** A channel without messages. */
async function goToEmpty(page: Page, title: string): Promise<void> {
  await page
    .locator('.side')
    .getByRole('link', { name: new RegExp(`^${title}\\b`) })
    .first()
    .click();
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
}

const onePixel = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mNk+M9QDwADhgGAWjR9awAAAABJRU5ErkJggg==',
  'base64',
);
