import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { piped } from './piped.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(os.tmpdir(), 'crossfade-piped-'));
});
afterEach(async () => {
  vi.unstubAllEnvs();
  await rm(folder, { recursive: true, force: true });
});

const source = 'postgres://me:secret@db.example:6432/shop';
const scratch = 'postgres://postgres:own@127.0.0.1:5555/shop';

/** Writes the variables that it is given for Postgres into a file. */
function tells(file: string): string[] {
  return ['sh', '-c', `cat >/dev/null; env | grep ^PG | sort >'${path.join(folder, file)}'`];
}

async function told(file: string): Promise<string[]> {
  return (await readFile(path.join(folder, file), 'utf8')).trim().split('\n');
}

describe('what a program is given', () => {
  test("of the user's variables: those for the source, and none for a server of ours", async () => {
    vi.stubEnv('PGSSLMODE', 'verify-full');
    vi.stubEnv('PGSSLROOTCERT', '/certificates/of-the-source.pem');
    vi.stubEnv('PGCHANNELBINDING', 'require');
    vi.stubEnv('PGSERVICE', 'somewhere-else');
    await piped(
      { command: tells('source'), url: source, script: '' },
      { command: tells('scratch'), url: scratch, ours: true },
    );
    expect(await told('source')).toEqual(
      expect.arrayContaining(['PGHOST=db.example', 'PGPORT=6432', 'PGSSLMODE=verify-full']),
    );
    expect(await told('source')).not.toContain('PGSERVICE=somewhere-else');
    expect(await told('scratch')).toEqual([
      'PGCLIENTENCODING=UTF8',
      'PGCONNECT_TIMEOUT=10',
      'PGDATABASE=shop',
      'PGDATESTYLE=ISO, YMD',
      'PGHOST=127.0.0.1',
      'PGPASSWORD=own',
      'PGPORT=5555',
      'PGTZ=UTC',
      'PGUSER=postgres',
    ]);
  });

  test('its script by its input, where nobody else can read it', async () => {
    await piped(
      { command: ['cat'], url: source, script: "select 'a secret of a row';" },
      { command: ['sh', '-c', `cat >'${path.join(folder, 'read')}'`], url: scratch, ours: true },
    );
    expect(await told('read')).toEqual(["select 'a secret of a row';"]);
  });
});
