import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { ClientLog } from './client-log.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'parley-load-'));
});
afterEach(async () => await rm(folder, { recursive: true }));

describe('ClientLog', () => {
  it('can be read while it is written', async () => {
    const file = path.join(folder, 'log.jsonl');
    const log = await ClientLog.create(file, (error) => expect.unreachable(String(error)));
    log.write({ kind: 'header', version: 1 });
    await vi.waitFor(async () =>
      expect(await readFile(file, 'utf8')).toBe('{"kind":"header","version":1}\n'),
    );
    log.write({ kind: 'end' });
    await log.close();
    expect((await readFile(file, 'utf8')).split('\n')).toEqual([
      '{"kind":"header","version":1}',
      '{"kind":"end"}',
      '',
    ]);
  });

  it('says so when there is no place for it', async () => {
    await expect(ClientLog.create(path.join(folder, 'no', 'log.jsonl'), () => {})).rejects.toThrow('ENOENT');
  });
});
