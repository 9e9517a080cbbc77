import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Page } from 'playwright-core';
import { hasBrowser, needBrowser } from './testing/browser.ts';
import { goTo, messageOf, openWorkspace, type Workspace, write } from './testing/workspace.ts';

const length = 3_000;

needBrowser();

let workspace: Workspace;
let maja: Page;
let conversationId: string;

beforeAll(async () => {
  if (!hasBrowser) return;
  workspace = await openWorkspace({ messages: 1_000, people: 30 });
  const [first, second] = workspace.people;
  if (first === undefined || second === undefined) throw new Error('expected two people');
  conversationId = await longConversation(first.id, second.id);
  maja = await workspace.enter(first);
  await goTo(maja, 'a-long-story');
});
afterAll(async () => {
  if (hasBrowser) await workspace.close();
});

/** Of so many messages, each with its number in it, of one to six lines. */
async function longConversation(reader: string, author: string): Promise<string> {
  const [row] = await workspace.sql(
    `WITH c AS (INSERT INTO conversations (kind, title, last_seq, version) VALUES ('channel', 'a-long-story', $3, $3) RETURNING id),
     members AS (INSERT INTO conversation_participants (conversation_id, user_id, last_read_seq)
       SELECT c.id, u, $3 FROM c, unnest(ARRAY[$1, $2]::uuid[]) u)
     INSERT INTO messages (conversation_id, seq, sender_id, body, created_at, version)
     SELECT c.id, n, CASE WHEN n % 7 < 4 THEN $1::uuid ELSE $2::uuid END,
       'message ' || n || repeat(' and a few more words to fill its lines', n % 6), now() - ($3 - n) * interval '1 minute', n
     FROM c, generate_series(1, $3::int) n RETURNING conversation_id`,
    [reader, author, length],
  );
  return String(row?.['conversation_id']);
}

/** So many more in one moment. Nobody is told of them: that is for whoever writes next. */
async function flood(messages: number): Promise<void> {
  await workspace.sql(
    `WITH c AS (UPDATE conversations SET last_seq = last_seq + $3, version = version + $3 WHERE id = $1 RETURNING last_seq, version),
     sent AS (INSERT INTO messages (conversation_id, seq, sender_id, body, version)
       SELECT $1, c.last_seq - $3 + n, $2, 'flood ' || n, c.version - $3 + n FROM c, generate_series(1, $3::int) n RETURNING seq)
     SELECT count(*) FROM sent`,
    [conversationId, workspace.people[1]?.id, messages],
  );
}

const list = (page: Page) => page.locator('.talk .line');
/** The number of the first message in sight, and how far below the upper edge it stands. */
const place = async (page: Page): Promise<{ seq: number; top: number }> =>
  (await page.evaluate(`(() => {
    const line = document.querySelector('.talk .line');
    const top = line.getBoundingClientRect().top;
    for (const one of line.querySelectorAll('article[data-seq]')) {
      const box = one.getBoundingClientRect();
      if (box.bottom > top + 30) return { seq: Number(one.dataset.seq), top: Math.round(box.top - top) };
    }
  })()`)) as { seq: number; top: number };

async function scrollBack(page: Page, times: number): Promise<void> {
  await list(page).hover();
  for (let time = 0; time < times; time += 1) {
    await page.mouse.wheel(0, -1_500);
    await page.waitForTimeout(60);
  }
  await page.waitForTimeout(400);
}

describe.each(['plain', 'virtual'])('the %s list', (kind) => {
  beforeAll(async () => {
    if (!hasBrowser) return;
    await workspace.publish(kind === 'virtual' ? ['virtual_scrolling'] : []);
    await maja.locator(`[data-list=${kind}]`).waitFor();
    await goTo(maja, 'general');
    await goTo(maja, 'a-long-story');
  });

  it('opens at its end', async () => {
    await messageOf(maja, `message ${length}`).waitFor();
    const fromEnd = await maja.evaluate(`(() => { const line = document.querySelector('.talk .line');
      return line.scrollHeight - line.scrollTop - line.clientHeight; })()`);
    expect(fromEnd).toBeLessThan(50);
  });

  it('goes back through history without a jump, message by message', async () => {
    await scrollBack(maja, 20);
    const before = await place(maja);
    expect(before.seq).toBeLessThan(length - 150);
    const seen = await list(maja)
      .locator('article[data-seq]')
      .evaluateAll((all) =>
        all.map((one) => Number((one as unknown as { dataset: { seq: string } }).dataset.seq)),
      );
    expect(seen).toEqual(Array.from({ length: seen.length }, (_, at) => (seen[0] ?? 0) + at));
    // Nothing moves while nobody scrolls, also when more history comes in above.
    await maja.waitForTimeout(600);
    expect(await place(maja)).toEqual(before);
  });

  it('stays with what is read at the very start of what is here, also below the heading of a day', async () => {
    await goTo(maja, 'general');
    await goTo(maja, 'a-long-story');
    await messageOf(maja, `message ${length}`).waitFor();
    await list(maja).focus();
    await maja.keyboard.press('Home');
    // Long enough for many parts, were each to lead to the next.
    await maja.waitForTimeout(2_000);
    expect((await place(maja)).seq).toBeGreaterThan(length - 1_000);
    await scrollBack(maja, 10);
  });

  it('leaves a reader of history where they are when somebody writes', async () => {
    const before = await place(maja);
    await workspace.sql(
      `WITH c AS (UPDATE conversations SET last_seq = last_seq + 20, version = version + 20 WHERE id = $1 RETURNING last_seq)
       INSERT INTO messages (conversation_id, seq, sender_id, body, version)
       SELECT $1, c.last_seq - 20 + n, $2, 'news ' || n, c.last_seq - 20 + n FROM c, generate_series(1, 20) n`,
      [conversationId, workspace.people[1]?.id],
    );
    const writer = await workspace.enter(workspace.people[1] ?? { id: '', email: '', password: '' });
    await goTo(writer, 'a-long-story');
    await write(writer, 'the newest of all');
    await maja.getByRole('button', { name: /newer/ }).waitFor();
    await maja.waitForTimeout(300);
    const after = await place(maja);
    expect(after.seq).toBe(before.seq);
    expect(Math.abs(after.top - before.top)).toBeLessThan(3);
    await maja.getByRole('button', { name: /newer|newest/ }).click();
    await messageOf(maja, 'the newest of all').waitFor();
    await writer.context().close();
  });

  it('comes to any message by its link, with what is around it, and back to the end', async () => {
    await maja.goto(`${workspace.url}/c/${conversationId}?at=700`);
    const target = maja.locator('article.is-open', { hasText: 'message 700' });
    await target.waitFor();
    await maja.waitForTimeout(500);
    const box = await target.boundingBox();
    expect(box?.y).toBeGreaterThan(60);
    expect(box?.y).toBeLessThan(760);
    expect((await place(maja)).seq).toBeGreaterThan(660);
    await maja.getByRole('button', { name: /newer|newest/ }).click();
    await messageOf(maja, 'the newest of all').waitFor();
  });

  it('goes to the end of what is here by a key, and no further; and to the end itself when it is opened again', async () => {
    await maja.goto(`${workspace.url}/c/${conversationId}?at=700`);
    await maja.locator('article.is-open', { hasText: 'message 700' }).waitFor();
    await maja.waitForTimeout(500);
    await list(maja).focus();
    await maja.keyboard.press('End');
    // Long enough for many parts, were each to lead to the next.
    await maja.waitForTimeout(1_500);
    const { seq } = await place(maja);
    expect(seq).toBeGreaterThan(700);
    expect(seq).toBeLessThan(1_000);
    await goTo(maja, 'general');
    await goTo(maja, 'a-long-story');
    await messageOf(maja, 'the newest of all').waitFor();
  });

  it('is gone through by keys', async () => {
    await list(maja).locator('article[data-seq]').last().focus();
    await maja.keyboard.press('ArrowUp');
    await maja.keyboard.press('k');
    const focused = Number(await maja.evaluate('document.activeElement.dataset.seq'));
    await maja.keyboard.press('j');
    expect(Number(await maja.evaluate('document.activeElement.dataset.seq'))).toBe(focused + 1);
  });
});

describe.each(['virtual', 'plain'])('fifty thousand messages at once, in the %s list', (kind) => {
  it('leave a reader of history where they are, and the newest is one step away', async () => {
    await workspace.publish(kind === 'virtual' ? ['virtual_scrolling'] : []);
    await maja.locator(`[data-list=${kind}]`).waitFor();
    await goTo(maja, 'general');
    await goTo(maja, 'a-long-story');
    await scrollBack(maja, 12);
    const before = await place(maja);
    await flood(50_000);
    const writer = await workspace.enter(workspace.people[1] ?? { id: '', email: '', password: '' });
    await goTo(writer, 'a-long-story');
    await write(writer, `after the flood, ${kind}`);
    await maja.getByRole('button', { name: /5\d,\d{3} newer/ }).waitFor();
    await maja.waitForTimeout(500);
    const after = await place(maja);
    expect(after.seq).toBe(before.seq);
    expect(Math.abs(after.top - before.top)).toBeLessThan(3);
    await maja.getByRole('button', { name: /newer|newest/ }).click();
    await messageOf(maja, `after the flood, ${kind}`).waitFor();
    await writer.context().close();
  });
});

describe('a flag that is switched while somebody reads', () => {
  it('changes the list, and not their place', async () => {
    await workspace.publish([]);
    await maja.locator('[data-list=plain]').waitFor();
    await scrollBack(maja, 8);
    for (const [flags, kind] of [
      [['virtual_scrolling'], 'virtual'],
      [[], 'plain'],
    ] as const) {
      const before = await place(maja);
      await workspace.publish(flags);
      await maja.locator(`[data-list=${kind}]`).waitFor();
      await maja.waitForTimeout(600);
      const after = await place(maja);
      expect(after.seq).toBe(before.seq);
      expect(Math.abs(after.top - before.top)).toBeLessThan(3);
    }
  });

  it('is announced once, kindly, and asked about once', async () => {
    await workspace.publish(['virtual_scrolling']);
    const note = maja.locator('.mnote', { hasText: 'Long conversations now open at once' });
    await note.getByRole('button', { name: 'Close' }).click();
    const question = maja.getByRole('region', { name: 'How is it?' });
    await question.getByText('4', { exact: true }).click();
    await question.waitFor({ state: 'detached' });
    await maja.reload();
    await maja.locator('.line article').first().waitFor();
    await maja.waitForTimeout(500);
    expect(await maja.locator('.mnote').count()).toBe(0);
    const [rated] = await workspace.sql('SELECT score FROM parley.ratings');
    expect(rated).toEqual({ score: 4 });
  });

  it('leaves the plain list to whoever has chosen it', async () => {
    await maja.getByRole('link', { name: 'Settings' }).click();
    await maja.getByLabel(/Plain message list/).click();
    await maja.locator('input[type=checkbox]:checked').waitFor();
    await goTo(maja, 'a-long-story');
    await maja.locator('[data-list=plain]').waitFor();
  });
});
