import { existsSync } from 'node:fs';
import { cp, mkdtemp, readdir, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { codeOf, pack, type Packed, REPOSITORY, startPacking } from '../testing/packed-release.ts';
import { startProcess } from '../testing/parley-process.ts';

/** Only end a test that hangs: a busy machine builds slowly. */
vi.setConfig({ testTimeout: 300_000, hookTimeout: 300_000 });
const WAIT = { timeout: 120_000, interval: 20 };

/** A word that only this feature's code has, by where it is looked for. */
const BATCH_2 = [
  { feature: 'virtual list', server: ['batch-2/window-reading.ts'], web: ['getVirtualItems', 'virtual-row'] },
  { feature: 'query cache', server: ['batch-2/query-cache.ts', 'parley_cache_lookups_total'], web: [] },
  { feature: 'agents', server: ['batch-2/agents/recap.ts', '/v1/agents'], web: ['Agents can answer here'] },
  { feature: 'advanced search', server: ['websearch_to_tsquery'], web: ['Search understands more'] },
  { feature: 'keys and their audit', server: ['/v1/keys', 'public.user_keys', 'public.audit_logs'], web: [] },
  {
    feature: 'timings',
    server: ['/v1/timings', 'parley_client_duration_seconds'],
    web: ['/v1/timings', 'first-contentful-paint'],
  },
  {
    feature: 'news, and how people find it',
    server: ['/v1/ratings', 'parley_satisfaction_score'],
    web: ['Long conversations now open at once', '/v1/ratings'],
  },
  { feature: 'flags', server: ['batch-2/flagged-features.ts', 'flag_documents', 'OpenFeature'], web: [] },
];

let releases: string;
let batch1: Packed;
let batch2: Packed;

beforeAll(async () => {
  releases = await mkdtemp(path.join(os.tmpdir(), 'parley-releases-'));
});
afterAll(async () => await rm(releases, { recursive: true }));

describe('packing a release', () => {
  it('leaves nothing that counts when it is killed in the middle', async () => {
    const child = startPacking('batch-1', releases);
    await vi.waitFor(async () => expect(await begun()).toBe(true), WAIT);
    child.kill('SIGKILL');
    expect((await readdir(releases)).filter((entry) => !entry.startsWith('.'))).toEqual([]);
  });

  it('comes to the same files every time, also when two pack it at once', async () => {
    const [first, second] = await Promise.all([pack('batch-1', releases), pack('batch-1', releases)]);
    batch1 = first;
    expect(first.packed).toBe('now');
    expect(second.digest).toBe(first.digest);
    await rm(path.join(first.folder, 'web', 'index.html'));
    // What has lost a file is not taken for a release.
    expect(await pack('batch-1', releases)).toEqual(first);
  });

  it('does nothing where nothing has changed', async () => {
    expect(await pack('batch-1', releases)).toEqual({ ...batch1, packed: 'before, from the same sources' });
  });

  it('says what it is made of, and nothing of the machine it was made on', async () => {
    const text = await readFile(path.join(batch1.folder, 'release.json'), 'utf8');
    const { files, ...told } = JSON.parse(text) as { files: Record<string, string> };
    expect(told).toEqual({
      name: 'batch-1',
      digest: path.basename(batch1.folder),
      builtFrom: expect.stringMatching(/^[0-9a-f]{64}$/),
    });
    expect(Object.keys(files)).toEqual(
      expect.arrayContaining([
        'package.json',
        'server.js',
        'server/main.js',
        'sql/batch-1.sql',
        'web/index.html',
      ]),
    );
    for (const part of ['server', 'web'] as const)
      expect(await codeOf(batch1, part)).not.toContain(`${REPOSITORY}${path.sep}`);
  });

  /** Files are being written, and not all of them are there. */
  async function begun(): Promise<boolean> {
    const [folder] = (await readdir(releases)).filter((entry) => entry.startsWith('.packing-'));
    return folder !== undefined && existsSync(path.join(releases, folder, 'server', 'main.js'));
  }
});

describe('what is in a release', () => {
  beforeAll(async () => {
    batch2 = await pack('batch-2', releases);
  });

  it.each(BATCH_2)('of Batch 1 has nothing of Batch 2: $feature', async ({ server, web }) => {
    const [old, oldPage] = [await codeOf(batch1, 'server'), await codeOf(batch1, 'web')];
    const [fresh, freshPage] = [await codeOf(batch2, 'server'), await codeOf(batch2, 'web')];
    for (const word of server)
      expect([word, fresh.includes(word), old.includes(word)]).toEqual([word, true, false]);
    for (const word of web)
      expect([word, freshPage.includes(word), oldPage.includes(word)]).toEqual([word, true, false]);
  });

  it('has no module of the other one', async () => {
    const modules = async (release: Packed): Promise<(string | undefined)[]> => {
      const all = (await codeOf(release, 'server')).matchAll(
        /^\/\/ apps\/parley-server\/src\/(batch-\d)\//gm,
      );
      return [...new Set([...all].map(([, batch]) => batch))];
    };
    expect([await modules(batch1), await modules(batch2)]).toEqual([['batch-1'], ['batch-2']]);
  });

  it('runs anywhere, without node_modules', async () => {
    const elsewhere = path.join(releases, 'elsewhere');
    await cp(batch1.folder, elsewhere, { recursive: true });
    const { ended, stderr } = startProcess([], {}, false, path.join(elsewhere, 'server.js'));
    expect(await ended).toBe(2);
    expect(stderr()).toContain('Usage:');
  });
});
