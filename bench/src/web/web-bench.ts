import { findChromium, launchChromium, noChromium } from '@crossfade/local-chromium';
import { compileFlagDocument } from '@crossfade/flags';
import type { Browser, CDPSession, Page } from 'playwright-core';
import type { Bench } from '../bench.ts';
import { withParley, type ParleyUnderTest, type Session } from '../parley/parley-under-test.ts';

const messages = 100_000;
const scrolledMessages = 5_000;
const opens = 7;
const loads = 5;
const slowedTimes = 4;
const screen = { viewport: { width: 1440, height: 900 } };

/**
 * Parley's page in the machine's Chromium: what is loaded first, and how soon one can write on a processor that is four times as
 * slow; then a conversation of 100,000 messages, with the list that draws what is in sight and, beside it, the plain one: from the
 * click to the painted end, frames while 5,000 messages go by, and memory after that.
 */
export const webBench: Bench = async () => {
  const executable = findChromium();
  if (executable === undefined) throw new Error(noChromium);
  return await withParley({ withWeb: true }, async (parley, later) => {
    const browser = await launchChromium(executable);
    later(async () => await browser.close());
    const [reader, author] = await parley.addPeople(2);
    if (reader === undefined || author === undefined) throw new Error('expected two people');
    await fillIn(parley, reader, author);
    const first = await measureFirstLoad(browser, parley, reader);
    await publish(parley, []);
    const plain = await measureList(browser, parley, reader, 'plain');
    await publish(parley, ['virtual_scrolling']);
    const virtual = await measureList(browser, parley, reader, 'virtual');
    return { messages, scrolledMessages, ...first, ...virtual, ...plain };
  });
};

async function fillIn(parley: ParleyUnderTest, reader: Session, author: Session): Promise<void> {
  await parley.sql(
    `WITH made AS (
       INSERT INTO conversations (kind, title, last_seq, version)
       SELECT 'channel', title, length, length FROM (VALUES ('a-short-one', 20), ('everything', $3::int)) AS c (title, length)
       RETURNING id, last_seq),
     members AS (INSERT INTO conversation_participants (conversation_id, user_id, last_read_seq)
       SELECT made.id, u, made.last_seq FROM made, unnest(ARRAY[$1, $2]::uuid[]) u)
     INSERT INTO messages (conversation_id, seq, sender_id, body, created_at, version)
     SELECT made.id, n, CASE WHEN n % 9 < 4 THEN $1::uuid ELSE $2::uuid END,
       CASE n % 40 WHEN 0 THEN E'Some code:\\n\`\`\`ts\\nconst tide = harbour.tide({ zone, at });\\n\`\`\`'
         WHEN 7 THEN '**Low tide** at 07:40, see https://example.org/tides and \`tides.csv\`'
         ELSE 'Message ' || n || repeat(' with some words that make it longer than the one before', (n % 4)::int) END,
       now() - (made.last_seq - n) * interval '3 min', n
     FROM made, generate_series(1, made.last_seq::int) n`,
    [reader.userId, author.userId, messages],
  );
  await parley.sql(`CREATE SCHEMA IF NOT EXISTS crossfade`);
  await parley.sql(
    `CREATE TABLE crossfade.flag_documents (revision bigint PRIMARY KEY, digest text NOT NULL, document text NOT NULL,
       published_at timestamptz NOT NULL DEFAULT now())`,
  );
  await parley.sql(
    `CREATE TABLE crossfade.segment_members (segment text, targeting_key text, since timestamptz NOT NULL DEFAULT now(),
       seq bigint GENERATED ALWAYS AS IDENTITY, PRIMARY KEY (segment, targeting_key))`,
  );
  // Nobody is told of anything new while frames are counted.
  await parley.sql(
    `INSERT INTO parley.profiles (user_id, settings) VALUES ($1, '{"announced": ["virtual_scrolling"]}')`,
    [reader.userId],
  );
  await parley.sql(
    `INSERT INTO parley.ratings (user_id, feature, score) VALUES ($1, 'virtual_scrolling', 4)`,
    [reader.userId],
  );
  await parley.sql('ANALYZE');
}

let revision = 0;

async function publish(parley: ParleyUnderTest, on: readonly string[]): Promise<void> {
  revision += 1;
  const flags = on.map((key) => ({ key, killed: false, audiences: [{ segment: null, percentage: 100 }] }));
  const { document, digest } = compileFlagDocument({ seed: 'bench', flags, parameters: [] });
  await parley.sql('INSERT INTO crossfade.flag_documents VALUES ($1, $2, $3)', [revision, digest, document]);
  await parley.sql(`SELECT pg_notify('crossfade_flags', $1)`, [String(revision)]);
  await new Promise((resolve) => setTimeout(resolve, 3_000));
}

async function open(
  browser: Browser,
  { url }: ParleyUnderTest,
  { token }: Session,
): Promise<{ page: Page; tools: CDPSession }> {
  const context = await browser.newContext(screen);
  await context.addCookies([{ name: 'parley_session', value: token, url, httpOnly: true, sameSite: 'Lax' }]);
  const page = await context.newPage();
  return { page, tools: await context.newCDPSession(page) };
}

/** From the beginning of the navigation until the page has drawn messages and a place to write, and would answer a key. */
const noteInteractive = `
  window.interactive = new Promise((resolve) => {
    const look = () => {
      if (document.querySelector('.compose textarea') === null || document.querySelector('.line article') === null)
        requestAnimationFrame(look);
      else requestAnimationFrame(() => setTimeout(() => resolve(performance.now())));
    };
    requestAnimationFrame(look);
  });`;

/** Compressed bytes of scripts before one can write, and when that is, with nothing in the browser's cache. */
async function measureFirstLoad(
  browser: Browser,
  parley: ParleyUnderTest,
  reader: Session,
): Promise<Record<string, number>> {
  const times: number[] = [];
  let scriptBytes = 0;
  for (let load = 0; load < loads; load += 1) {
    const { page, tools } = await open(browser, parley, reader);
    await tools.send('Emulation.setCPUThrottlingRate', { rate: slowedTimes });
    await tools.send('Network.enable');
    const scripts = new Set<string>();
    scriptBytes = 0;
    tools.on('Network.responseReceived', ({ requestId, response: { mimeType } }) => {
      if (mimeType.includes('javascript')) scripts.add(requestId);
    });
    tools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      if (scripts.has(requestId)) scriptBytes += encodedDataLength;
    });
    await page.addInitScript(noteInteractive);
    await page.goto(parley.url);
    times.push(Number(await page.evaluate('window.interactive')));
    await page.context().close();
  }
  return {
    firstLoadScriptKiB: Math.round(scriptBytes / 1_024),
    interactiveSlowed4TimesMs: Math.round(median(times)),
  };
}

async function measureList(
  browser: Browser,
  parley: ParleyUnderTest,
  reader: Session,
  kind: 'plain' | 'virtual',
): Promise<Record<string, number>> {
  const { page, tools } = await open(browser, parley, reader);
  await page.goto(parley.url);
  await page.locator(`[data-list=${kind}]`).waitFor();
  const times: number[] = [];
  for (let time = 0; time < opens; time += 1) {
    await page.getByRole('link', { name: /^a-short-one/ }).click();
    await page.locator('h1', { hasText: 'a-short-one' }).waitFor();
    await page.waitForTimeout(200);
    // What was open once is in memory for a while: a first opening is what is measured.
    await page.reload();
    await page.locator('h1', { hasText: 'a-short-one' }).waitFor();
    await page.locator('.line article').first().waitFor();
    await page.waitForTimeout(300);
    times.push(Number(await page.evaluate(clickToPainted)));
  }
  const frames = (await page.evaluate(scrollBack(scrolledMessages))) as {
    readonly gapsMs: number[];
    readonly seen: number;
  };
  await tools.send('HeapProfiler.enable');
  await tools.send('HeapProfiler.collectGarbage');
  await tools.send('Performance.enable');
  const { metrics } = await tools.send('Performance.getMetrics');
  const heapBytes = metrics.find(({ name }) => name === 'JSHeapUsedSize')?.value ?? Number.NaN;
  const slow = frames.gapsMs.filter((ms) => ms > 50).length;
  await page.context().close();
  return {
    [`${kind}OpenMs`]: Math.round(median(times)),
    [`${kind}OpenWorstMs`]: Math.round(Math.max(...times)),
    [`${kind}MessagesScrolled`]: frames.seen,
    [`${kind}Frames`]: frames.gapsMs.length,
    [`${kind}FramesOver50MsPercent`]: Math.round((slow / frames.gapsMs.length) * 10_000) / 100,
    [`${kind}LongestFrameMs`]: Math.round(Math.max(...frames.gapsMs)),
    [`${kind}HeapMiB`]: Math.round((heapBytes / 1_048_576) * 10) / 10,
  };
}

/** In the page: from the click on a conversation until its newest message is there and painted. */
const clickToPainted = `new Promise((resolve) => {
  const link = [...document.querySelectorAll('.side a')].find((one) => one.textContent.startsWith('everything'));
  const started = performance.now();
  link.click();
  const look = () => {
    const last = [...document.querySelectorAll('.line article[data-seq]')].at(-1);
    if (Number(last?.dataset.seq) === ${messages}) requestAnimationFrame(() => setTimeout(() => resolve(performance.now() - started)));
    else requestAnimationFrame(look);
  };
  look();
})`;

/** In the page: upwards at a quick reader's pace until so many messages have gone by, with the time between frames. */
const scrollBack = (count: number): string => `new Promise((resolve) => {
  const line = document.querySelector('.talk .line');
  const gapsMs = [];
  let last = performance.now();
  const ends = last + 120_000;
  const step = () => {
    const now = performance.now();
    gapsMs.push(now - last);
    last = now;
    line.scrollTop -= 120;
    const first = Number(line.querySelector('article[data-seq]')?.dataset.seq ?? ${messages});
    const seen = ${messages} - first;
    if (seen >= ${count} || now > ends) resolve({ gapsMs: gapsMs.slice(1), seen });
    else requestAnimationFrame(step);
  };
  requestAnimationFrame(step);
})`;

const median = (all: readonly number[]): number =>
  all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? Number.NaN;
