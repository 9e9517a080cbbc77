import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { compileFlagDocument } from '@crossfade/flags';
import { findChromium, launchChromium, noChromium } from '@crossfade/local-chromium';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import pg from 'pg';
import type { Browser, BrowserContext, BrowserContextOptions, Page } from 'playwright-core';

const apps = join(import.meta.dirname, '..', '..', '..');
const server = join(apps, 'parley-server', 'src', 'main.ts');
const builder = join(apps, 'parley-web', 'build.ts');
const startedWithinMs = 60_000;

interface Account {
  readonly id: string;
  readonly email: string;
  readonly password: string;
}

/** Parley as its people have it: the built page, a server, its sample workspace, and a browser for each of them. */
export interface Workspace {
  readonly people: readonly Account[];
  /** Where it is served; the same after a restart. */
  readonly url: string;
  readonly databaseUrl: string;
  /** A browser of somebody's own, signed in, with a conversation in sight. Errors of the page fail the test at its end. */
  enter(account: Account, options?: BrowserContextOptions): Promise<Page>;
  /** A browser at the door. */
  visit(options?: BrowserContextOptions): Promise<Page>;
  /** These flags are on for everybody from now on, also in pages that are open. */
  publish(flags: readonly string[]): Promise<void>;
  /** Takes somebody out, as an operator does. */
  remove(account: Account): Promise<void>;
  sql(text: string, values?: unknown[]): Promise<Record<string, unknown>[]>;
  stopServer(): Promise<void>;
  startServer(): Promise<void>;
  /** @throws Error with what went wrong in pages, besides requests that were refused. */
  close(): Promise<void>;
}

interface Size {
  readonly messages: number;
  readonly people: number;
  /** Of the page; the server has all that there is. */
  readonly batch?: 1;
}

/** @throws Error that says how to come by a browser where there is none. */
export async function openWorkspace(size: Size = { messages: 2_000, people: 40 }): Promise<Workspace> {
  const executable = findChromium();
  if (executable === undefined) throw new Error(noChromium);
  const undo: (() => Promise<unknown>)[] = [];
  const folder = mkdtempSync(join(tmpdir(), 'parley-e2e-'));
  undo.push(async () => rmSync(folder, { recursive: true, force: true }));
  const database = await createTestDatabase();
  undo.push(async () => await database.drop());
  const env = { DATABASE_URL: database.url, DATABASE_DIRECT_URL: database.directUrl, LOG_LEVEL: 'warn' };
  const [{ web }] = await Promise.all([
    run<{ web: string }>(
      size.batch === 1 ? [builder, '--batch', '1', '--out', join(folder, 'web')] : [builder],
      {},
    ),
    run([server, 'install'], env).then(
      async () =>
        await run(
          [server, 'sample', '--messages', String(size.messages), '--people', String(size.people)],
          env,
        ),
    ),
  ]);
  const credentials = join(folder, 'people.json');
  await run([server, 'invite', '--count', '6', '--output', credentials], env);
  const { people } = JSON.parse(readFileSync(credentials, 'utf8')) as { people: Account[] };
  const pool = new pg.Pool({ connectionString: database.directUrl, max: 2 });
  pool.on('error', () => undefined);
  undo.push(async () => await pool.end());
  const sql = async (text: string, values: unknown[] = []) =>
    (await pool.query<Record<string, unknown>>(text, values)).rows;
  await sql(FLAG_TABLES);

  const given = [server, 'serve', '--web', web, '--workspace', 'Nordhalt', '--sign-up', 'open'];
  let child: ChildProcess | undefined;
  let port = 0;
  const startServer = async (): Promise<void> => {
    child = spawn(process.execPath, [...given, '--port', String(port)], {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'inherit', 'ipc'],
    });
    const { listening } = await firstLine<{ listening: string }>(child);
    port = Number(new URL(listening).port);
  };
  const stopServer = async (): Promise<void> => {
    if (child?.exitCode !== null || child === undefined) return;
    const ended = once(child, 'exit');
    child.kill('SIGTERM');
    await ended;
  };
  undo.push(stopServer);
  await startServer();
  const browser = await launchChromium(executable);
  undo.push(async () => await browser.close());
  const troubles: string[] = [];
  const url = `http://127.0.0.1:${port}`;
  const visit = async (options: BrowserContextOptions = {}): Promise<Page> =>
    await openPage(browser, url, options, troubles);
  let revision = 0;
  return {
    people,
    url,
    databaseUrl: database.directUrl,
    sql,
    remove: async ({ email }) => void (await run([server, 'remove', email], env)),
    startServer,
    stopServer,
    visit,
    enter: async ({ email, password }, options) => {
      const page = await visit(options);
      await signIn(page, email, password);
      return page;
    },
    publish: async (flags) => {
      revision += 1;
      const audiences = [{ segment: null, percentage: 100 }];
      const { document, digest } = compileFlagDocument({
        seed: 'e2e',
        flags: flags.map((key) => ({ key, killed: false, audiences })),
        parameters: [],
      });
      await sql('INSERT INTO crossfade.flag_documents (revision, digest, document) VALUES ($1, $2, $3)', [
        revision,
        digest,
        document,
      ]);
      await sql(`SELECT pg_notify('crossfade_flags', $1)`, [String(revision)]);
    },
    close: async () => {
      for (const step of undo.toReversed()) await step();
      if (troubles.length > 0) throw new Error(`pages had trouble:\n${troubles.join('\n')}`);
    },
  };
}

/** As Crossfade's store has them, as far as an application reads them. */
const FLAG_TABLES = `
CREATE SCHEMA IF NOT EXISTS crossfade;
CREATE TABLE IF NOT EXISTS crossfade.flag_documents (
  revision bigint PRIMARY KEY, digest text NOT NULL, document text NOT NULL, published_at timestamptz NOT NULL DEFAULT now());
CREATE TABLE IF NOT EXISTS crossfade.segment_members (
  segment text, targeting_key text, since timestamptz NOT NULL DEFAULT now(), seq bigint GENERATED ALWAYS AS IDENTITY,
  PRIMARY KEY (segment, targeting_key));
CREATE TABLE IF NOT EXISTS crossfade.notices (
  step_id text PRIMARY KEY, title text NOT NULL, text text NOT NULL, progress double precision,
  started_at timestamptz NOT NULL DEFAULT now(), shown_at timestamptz NOT NULL DEFAULT now())`;

async function openPage(
  browser: Browser,
  url: string,
  options: BrowserContextOptions,
  troubles: string[],
): Promise<Page> {
  const context: BrowserContext = await browser.newContext({
    viewport: { width: 1440, height: 900 },
    ...options,
  });
  await context.grantPermissions(['clipboard-read', 'clipboard-write'], { origin: url });
  const page = await context.newPage();
  page.on('pageerror', (error) => troubles.push(`${error.message}\n${error.stack ?? ''}`));
  page.on('console', (message) => {
    const text = message.text();
    // Requests that are refused, or find nobody, are said by the browser itself: tests bring them about.
    if (
      message.type() === 'error' &&
      !text.includes('Failed to load resource') &&
      !text.includes('WebSocket connection')
    )
      troubles.push(text);
  });
  await page.goto(url);
  return page;
}

export async function signIn(page: Page, email: string, password: string): Promise<void> {
  await page.getByLabel('Email').fill(email);
  await page.getByLabel('Password').fill(password);
  await page.getByRole('button', { name: 'Sign in' }).click();
  await page.locator('.line article').first().waitFor();
}

/** Opens a conversation from the list. */
export async function goTo(page: Page, title: string): Promise<void> {
  await page
    .locator('.side')
    .getByRole('link', { name: new RegExp(`^${title}\\b`) })
    .first()
    .click();
  await page.getByRole('heading', { level: 1, name: title }).waitFor();
  await page.locator('.line article').first().waitFor();
}

export async function write(page: Page, text: string): Promise<void> {
  const field = page.locator('.talk .compose textarea');
  await field.fill(text);
  await field.press('Enter');
}

/** One message by its words. */
export const messageOf = (page: Page, text: string) =>
  page.locator('.talk article', { hasText: text }).last();

async function run<Answer>(args: readonly string[], env: Record<string, string>): Promise<Answer> {
  const child = spawn(process.execPath, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let told = '';
  child.stdout.on('data', (text: Buffer) => (out += text.toString()));
  child.stderr.on('data', (text: Buffer) => (told += text.toString()));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code}: ${told.slice(-2_000)}`);
  return JSON.parse(out) as Answer;
}

async function firstLine<Answer>(child: ChildProcess): Promise<Answer> {
  if (child.stdout === null) throw new Error('a server was started without a pipe');
  const [line] = (await once(createInterface(child.stdout), 'line', {
    signal: AbortSignal.timeout(startedWithinMs),
  })) as [string];
  return JSON.parse(line) as Answer;
}
