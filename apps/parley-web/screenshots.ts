import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { startTestServer } from '@crossfade/local-postgres/testing';
import type { Page } from 'playwright-core';
import { goTo, openWorkspace, type Workspace } from './e2e/testing/workspace.ts';

const folder = join(import.meta.dirname, '..', '..', 'docs', 'images');
const title = 'perron-release-23';
const phone = { viewport: { width: 390, height: 844 }, deviceScaleFactor: 2, hasTouch: true } as const;
const desk = { viewport: { width: 1440, height: 900 }, deviceScaleFactor: 1.5 } as const;

/** As a step of a plan tells it, while it is at work. */
const LONG_WORK = `
INSERT INTO crossfade.notices (step_id, title, text, progress)
VALUES ('fill-message-search', 'Search is being prepared for older messages.', 'Everything works as before.', 0.62)`;

/** node apps/parley-web/screenshots.ts: draws the pictures of docs/images anew, of the sample workspace in the machine's Chromium. */
async function main(): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const endServer = await startTestServer();
  const workspace = await openWorkspace({ messages: 6_000, people: 60 });
  try {
    const scene = await setScene(workspace);
    const [reader] = workspace.people;
    if (reader === undefined) throw new Error('expected somebody');
    const door = await workspace.visit({ ...desk, colorScheme: 'light' });
    await shoot(door, 'parley-sign-in');
    for (const colorScheme of ['light', 'dark'] as const) {
      const page = await workspace.enter(reader, { ...desk, colorScheme });
      await goTo(page, title);
      await shoot(page, `parley-${colorScheme}`);
      await workspace.sql(LONG_WORK);
      await page.reload();
      await page.locator('.strip progress').waitFor();
      await shoot(page, `parley-long-work-${colorScheme}`);
      await workspace.sql('TRUNCATE crossfade.notices');
      await page.reload();
      await page.locator('.line article').first().waitFor();
      if (colorScheme === 'light') {
        await page.goto(`${page.url().split('?')[0] ?? ''}?thread=${scene.threadId}`);
        await page.locator('.thread article').nth(2).waitFor();
        await shoot(page, 'parley-thread');
      }
    }
    const hand = await workspace.visit({ ...phone, colorScheme: 'light' });
    await hand.getByLabel('Email').fill(reader.email);
    await hand.getByLabel('Password').fill(reader.password);
    await hand.getByRole('button', { name: 'Sign in' }).click();
    await hand.locator('.side .row').first().waitFor();
    await shoot(hand, 'parley-phone-list');
    await goTo(hand, title);
    await shoot(hand, 'parley-phone');
  } finally {
    await workspace.close();
    await endServer();
  }
}

async function shoot(page: Page, name: string): Promise<void> {
  await page.evaluate('document.fonts.ready');
  await page.mouse.move(0, 0);
  await page.waitForTimeout(900);
  await page.screenshot({ path: join(folder, `${name}.png`) });
  process.stdout.write(`docs/images/${name}.png\n`);
}

/** Some people of the sample workspace at work, as the API would have it. */
async function setScene(workspace: Workspace): Promise<{ threadId: string }> {
  const tokens = await Promise.all(
    workspace.people.map(async ({ email, password }) => {
      const answer = await ask<{ token: string }>(workspace, undefined, 'POST', '/v1/login', {
        email,
        password,
      });
      return answer.token;
    }),
  );
  const [reader = '', second = '', third = '', fourth = ''] = tokens;
  const made = await ask<{ conversation: { id: string } }>(workspace, second, 'POST', '/v1/conversations', {
    kind: 'channel',
    title,
    topic: 'Displays 2.3, out today at 14:00',
    memberIds: workspace.people.map(({ id }) => id),
    joinable: true,
  });
  const { id } = made.conversation;
  let sent = 0;
  const say = async (token: string, body: string, threadId: string | null = null): Promise<string> => {
    sent += 1;
    const given = { clientId: `scene-${sent}`, body, threadId };
    return (
      await ask<{ message: { id: string } }>(
        workspace,
        token,
        'POST',
        `/v1/conversations/${id}/messages`,
        given,
      )
    ).message.id;
  };
  const react = async (token: string, message: string, emoji: string): Promise<unknown> =>
    await ask(workspace, token, 'PUT', `/v1/messages/${message}/reactions/${encodeURIComponent(emoji)}`);
  await say(
    second,
    'Freeze is on Monday. Anything that touches timetables after that needs two reviews: mine, and one from somebody who has slept.',
  );
  await say(third, 'Fair. Release notes are in the pinned document, add yours by Friday please.');
  await say(fourth, '西口の6時40分発の便だけ、一時間早く表示されています。');
  await say(
    fourth,
    'In English: the 06:40 from the west gate shows as 05:40. There is no summer time there.',
  );
  const found = await say(
    second,
    'Found it: we keep the clock of whoever typed the timetable.\n```ts\nconst leaves = typed.setZone(stop.zone, { keepLocalTime: true });\n```',
  );
  for (const token of [reader, third, fourth]) await react(token, found, '🎉');
  for (const token of [reader, third]) await react(token, found, '⚓');
  await say(third, 'Does it also heal timetables that were typed *before* the clocks changed?', found);
  await say(second, 'Yes: the zone is the stop’s, so every departure is computed anew.', found);
  await say(fourth, 'ありがとう！', found);
  await say(third, 'راجعتُ ترجمة شاشة المواعيد كلّها. بقيت كلمة واحدة، فغيّرتها في الفرع نفسه.');
  // Read so far; what follows is new.
  const listed = await ask<{ conversations: { id: string; lastSeq: number }[] }>(
    workspace,
    reader,
    'GET',
    '/v1/conversations',
  );
  const seq = listed.conversations.find((one) => one.id === id)?.lastSeq ?? 0;
  await ask(workspace, reader, 'PUT', `/v1/conversations/${id}/read`, { seq });
  await say(third, 'The stop page is final, screens are in the usual place.');
  await say(
    third,
    'The next departure gets the large figure, everything after it stays quiet. People at a stop read it from two metres away, in the sun.',
  );
  await say(
    third,
    `<@${workspace.people[0]?.id ?? ''}> could you check the contrast outside? Your phone is the oldest.`,
  );
  return { threadId: found };
}

async function ask<Answer>(
  workspace: Workspace,
  token: string | undefined,
  method: string,
  path: string,
  body?: object,
): Promise<Answer> {
  const headers: Record<string, string> = token === undefined ? {} : { authorization: `Bearer ${token}` };
  if (body !== undefined) headers['content-type'] = 'application/json';
  const response = await fetch(workspace.url + path, {
    method,
    headers,
    body: body === undefined ? null : JSON.stringify(body),
  });
  if (!response.ok) throw new Error(`${method} ${path}: ${response.status} ${await response.text()}`);
  return (await response.json()) as Answer;
}

await main();
