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

describe('the web app', () => {
  it.each(['/', '/c/1?at=5', '/settings', '/status'])(
    'is the same page at %s, with a policy of its own each time',
    async (url) => {
      const [one, two] = [await get(url), await get(url)];
      const nonceIn = (policy: unknown): string => /'nonce-([^']+)'/.exec(String(policy))?.[1] ?? '';
      const nonce = nonceIn(one.headers['content-security-policy']);
      expect(one.body).toBe(`<script nonce="${nonce}" src="/assets/a.js"></script>`);
      expect(nonce).toHaveLength(24);
      expect(nonceIn(two.headers['content-security-policy'])).not.toBe(nonce);
      expect(one.headers['cache-control']).toBe('no-store');
      expect(one.headers['content-security-policy']).toContain("default-src 'none'");
    },
  );

  it('has files that are kept for ever, and sent compressed to whom takes that', async () => {
    const file = await get('/assets/a.js');
    expect(file.body).toBe('plain');
    expect(file.headers['cache-control']).toBe('public, max-age=31536000, immutable');
    const compressed = await get('/assets/a.js', { 'accept-encoding': 'br' });
    expect([compressed.body, compressed.headers['content-encoding']]).toEqual(['small', 'br']);
  });

  it.each([
    '/assets/none.js',
    '/assets/../secret.txt',
    '/assets/%2e%2e/secret.txt',
    '/secret.txt',
    '/assets/',
    '/v1/none',
  ])('has nothing at %s', async (url) => {
    const answer = await get(url);
    expect([400, 403, 404]).toContain(answer.statusCode);
    expect(answer.body).not.toContain('secret');
  });

  it('is not served from a folder in which there is none', async () => {
    await expect(parley.startServer({ webFolder: join(folder, 'assets') })).rejects.toThrow(
      /expected a built web app/,
    );
  });
});
