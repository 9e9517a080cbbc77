import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { ParleyServer } from './server.ts';
import { createParleyFixture, type ParleyFixture } from './testing/parley-fixture.ts';

let parley: ParleyFixture;
let server: ParleyServer;
const folder = mkdtempSync(join(tmpdir(), 'parley-web-'));

beforeAll(async () => {
  mkdirSync(join(folder, 'assets'));
  writeFileSync(join(folder, 'index.html'), '<script nonce="__CSP_NONCE__" src="/assets/a.js"></script>');
  writeFileSync(join(folder, 'assets', 'a.js'), 'plain');
  writeFileSync(join(folder, 'assets', 'a.js.br'), 'small');
  writeFileSync(join(folder, 'secret.txt'), 'secret');
  parley = await createParleyFixture();
  server = await parley.startServer({ webFolder: folder });
  await server.app.ready();
});
afterAll(async () => {
  await parley.close();
  rmSync(folder, { recursive: true });
});

const get = async (url: string, headers: Record<string, string> = {}) =>
  await server.app.inject({ url, headers });
/** What browsers say when they go to a page. */
const page = { accept: 'text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8' };

describe('the web app', () => {
  it.each(['/', '/c/1?at=5', '/settings', '/status/', '/whatever/may/come', '/%2e', '/v10', '//'])(
    'is the same page at %s, with a policy of its own each time',
    async (url) => {
      const [one, two] = [await get(url, page), await get(url, page)];
      const nonceIn = (policy: unknown): string => /'nonce-([^']+)'/.exec(String(policy))?.[1] ?? '';
      const nonce = nonceIn(one.headers['content-security-policy']);
      expect(one.body).toBe(`<script nonce="${nonce}" src="/assets/a.js"></script>`);
      expect(nonce).toHaveLength(24);
      expect(nonceIn(two.headers['content-security-policy'])).not.toBe(nonce);
      expect(one.headers['cache-control']).toBe('no-store');
      expect(one.headers['content-security-policy']).toBe(
        `default-src 'none'; script-src 'nonce-${nonce}' 'strict-dynamic'; style-src 'self' 'nonce-${nonce}'; ` +
          `img-src 'self' data: blob:; font-src 'self'; connect-src 'self'; manifest-src 'self'; worker-src 'self'; ` +
          `base-uri 'none'; form-action 'self'; frame-ancestors 'none'`,
      );
    },
  );

  it('has files that are kept for ever, and sent compressed to whom takes that', async () => {
    const file = await get('/assets/a.js');
    expect(file.body).toBe('plain');
    expect(file.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const compressed = await get('/assets/a.js', { 'accept-encoding': 'br' });
    expect([compressed.body, compressed.headers['content-encoding']]).toEqual(['small', 'br']);
    // What stands in between must not give the one to whom takes only the other.
    for (const { headers } of [file, compressed]) expect(headers['vary']).toMatch(/accept-encoding/i);
  });

  it.each([
    '/assets/none.js',
    '/assets/none.js.br',
    '/assets/../secret.txt',
    '/assets/%2e%2e/secret.txt',
    '/assets/..%2fsecret.txt',
    '/assets/..%5csecret.txt',
    '/assets/%00',
    '/secret.txt',
    '/c/..%2fsecret.txt',
    '/favicon.ico',
    '/assets/',
    '/assets',
    '/v1/none',
    '/v1',
    '/%76%31/none',
  ])('has nothing at %s', async (url) => {
    for (const headers of [{}, page]) {
      const answer = await get(url, headers);
      expect([400, 403, 404]).toContain(answer.statusCode);
      expect(answer.headers['content-type']).toMatch(/^application\/json/);
      expect(answer.body).not.toContain('secret');
    }
  });

  it('is shown to nobody who did not ask for a page', async () => {
    for (const headers of [{}, { accept: '*/*' }, { accept: 'application/json' }]) {
      expect((await get('/healthz', headers)).statusCode).toBe(404);
    }
    const posted = await server.app.inject({ method: 'POST', url: '/settings', headers: page });
    expect(posted.statusCode).toBe(404);
    const head = await server.app.inject({ method: 'HEAD', url: '/settings', headers: page });
    expect([head.statusCode, head.body]).toEqual([200, '']);
  });

  it('is not served from a folder in which there is none', async () => {
    await expect(parley.startServer({ webFolder: join(folder, 'assets') })).rejects.toThrow(
      /expected a built web app/,
    );
  });
});
