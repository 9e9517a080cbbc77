import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { MemoryStorage } from '@openfeature/flagd-core';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildPage } from '../packages/relay/src/testing/built-page.ts';
import { findChromium, launchChromium, noChromium } from '@crossfade/local-chromium';
import { flagsAtWork, keys, type FlagsAtWork } from './pack/flags-at-work.ts';
import { guideBlocks } from './pack/guide-blocks.ts';
import { packPackage, type PackedPackage } from './pack/pack-package.ts';
import { aStranger, type Stranger } from './pack/stranger.ts';

const guide = join(import.meta.dirname, '..', 'docs', 'guides', 'flags-in-your-application.md');
const silent = { error() {}, warn() {}, info() {}, debug() {} };
const person = '5f3c1a52-6f0e-4e55-9d53-4f1a5e3c2b10';

/** The block under this heading that is in this language, or in the file that it names first. */
function block(heading: string, languageOrFile: string): string {
  const found = guideBlocks(guide).find(
    (each) =>
      each.heading === heading &&
      (each.language === languageOrFile || each.text.startsWith(`// ${languageOrFile}\n`)),
  );
  if (!found) throw new Error(`the guide has no block ${languageOrFile} under "${heading}"`);
  return found.text;
}

describe('the package @crossfade/flags, as others install it', { timeout: 120_000 }, () => {
  let packed: PackedPackage;
  let stranger: Stranger;
  let work: FlagsAtWork;
  const site = createServer();
  let siteFiles: ReadonlyMap<string, string> = new Map();
  const destination = mkdtempSync(join(tmpdir(), 'crossfade-packed-'));
  const here = (text: string): string => text.replaceAll('https://flags.example.org', work.relayUrl);

  beforeAll(async () => {
    packed = packPackage('packages/flags', destination);
    stranger = await aStranger();
    site.on('request', ({ url = '/' }, response) => {
      const { pathname } = new URL(url, 'http://page');
      const text = siteFiles.get(pathname === '/' ? '/index.html' : pathname);
      const type = pathname.endsWith('.js') ? 'text/javascript' : 'text/html';
      response.writeHead(text === undefined ? 404 : 200, { 'content-type': type }).end(text);
    });
    await new Promise<void>((resolve) => {
      site.listen(0, '127.0.0.1', resolve);
    });
    work = await flagsAtWork(originOf());
    await stranger.install(packed.file, '@openfeature/server-sdk', 'pg', '@types/node', '@types/pg');
    await stranger.install('@openfeature/web-sdk', '@openfeature/react-sdk');
    await stranger.install('react', 'react-dom', '@types/react', '@types/react-dom');
  }, 300_000);
  afterAll(async () => {
    site.closeAllConnections();
    site.close();
    stranger.remove();
    rmSync(destination, { recursive: true });
    await work.close();
  });
  const originOf = (): string => `http://127.0.0.1:${(site.address() as AddressInfo).port}`;

  it('holds JavaScript with its types, and nothing of sources and tests', () => {
    expect(packed.files).toEqual(
      expect.arrayContaining(['README.md', 'LICENSE', 'dist/server.js', 'dist/server.d.ts']),
    );
    expect(packed.files.filter((file) => /test|\.ts$/.test(file.replace(/\.d\.ts$/, '')))).toEqual([]);
    expect(packed.bytes).toBeLessThan(200_000);
  });

  /** A start never waits for flags: the first answers may be those of the code. */
  const ask = `import { isSearchNew } from './search.js';
const until = Date.now() + 20_000;
while (!(await isSearchNew('${person}')) && Date.now() < until) await new Promise((resolve) => setTimeout(resolve, 20));
console.log(process.version, await isSearchNew('${person}'));
process.exit(0);
`;

  it('answers beside the database, on the oldest Node that there is', async () => {
    const heading = 'Node, beside the database';
    const files = {
      'flags.ts': block(heading, 'flags.ts'),
      'search.ts': block(heading, 'search.ts'),
      'ask.ts': ask,
    };
    await stranger.compile('beside', files);
    const said = await stranger.run('beside/out/ask.js', { DATABASE_URL: work.databaseUrl });
    expect(said.trim().split('\n').at(-1)).toBe(`${stranger.node} true`);
  });

  it('answers in another network, through the relay', async () => {
    const search = block('Node, beside the database', 'search.ts');
    const files = {
      'flags.ts': here(block('Node, in another network', 'flags.ts')),
      'search.ts': search,
      'ask.ts': ask,
    };
    await stranger.compile('elsewhere', files);
    const said = await stranger.run('elsewhere/out/ask.js', { FLAGS_KEY: keys.server });
    expect(said.trim().split('\n').at(-1)).toBe(`${stranger.node} true`);
  });

  it('answers on a page, by React', async ({ skip }) => {
    const browser = {
      module: 'esnext',
      moduleResolution: 'bundler',
      jsx: 'react-jsx',
      types: [],
      lib: ['es2023', 'dom'],
    };
    await stranger.compile(
      'page',
      { 'main.tsx': here(block('Pages, with or without React', 'main.tsx')) },
      browser,
    );
    const page = join(stranger.folder, 'page');
    writeFileSync(
      join(page, 'index.html'),
      `<!doctype html><link rel="icon" href="data:,"><div id="root"></div><script type="module">
import { start } from './out/main.js';
await start(document.querySelector('#root'), '${person}');
</script>`,
    );
    siteFiles = (await buildPage(page)).files;
    const executable = findChromium();
    skip(executable === undefined, noChromium);
    const chromium = await launchChromium(executable ?? '');
    const tab = await chromium.newPage();
    await tab.goto(originOf());
    await expect.poll(async () => await tab.textContent('p'), { timeout: 20_000 }).toBe('new search');
    await chromium.close();
  });

  it.each([
    ['Any language, by OFREP', { FLAGS_KEY: keys.server }, { key: 'new_thing', value: true, variant: 'on' }],
    [
      'The kill switch, over HTTP',
      { OPERATOR_KEY: keys.operator },
      { action: 'disable', flags: ['new_thing'] },
    ],
  ])('%s: what the guide asks with curl is answered', async (heading, env, answer) => {
    const script = here(block(heading, 'sh'));
    const { stdout } = await promisify(execFile)('sh', ['-c', script], { env: { ...process.env, ...env } });
    expect(JSON.parse(stdout)).toMatchObject(answer);
  });

  it('A flagd of your own: the document that the guide names is one that flagd evaluates', async () => {
    const address = /--uri (\S+)/.exec(here(block('A flagd of your own', 'sh')))?.[1] ?? '';
    const response = await fetch(address, { headers: { authorization: `Bearer ${keys.server}` } });
    const storage = new MemoryStorage(silent);
    storage.setConfigurations(await response.text(), true);
    expect(storage.getFlag('new_thing')?.evaluate({ targetingKey: person }, silent).variant).toMatch(
      /^(on|off)$/,
    );
  });
});
