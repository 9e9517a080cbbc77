import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createTestDatabase, type TestDatabase } from '@crossfade/local-postgres/testing';
import { Client } from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { crossfade } from '../testing/crossfade-process.ts';

const guide = readFileSync(join(import.meta.dirname, '../../../../docs/guides/backfills.md'), 'utf8');

/** The files that the guide shows, by name. */
function filesOfGuide(): ReadonlyMap<string, string> {
  const blocks = guide.matchAll(/^```\w+ title=(\S+)\n(.*?)^```$/gms);
  return new Map([...blocks].map(([, name = '', text = '']) => [name, text]));
}

let database: TestDatabase;
let client: Client;
let folder: string;
beforeAll(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  folder = mkdtempSync(join(tmpdir(), 'crossfade-guide-'));
  const files = filesOfGuide();
  await client.query(files.get('shop.sql') ?? '');
  for (const [name, text] of files) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
  }
}, 60_000);
afterAll(async () => {
  await client.end();
  await database.drop();
  rmSync(folder, { recursive: true, force: true });
});

describe('the guide to backfills, on a table that is not ours', { timeout: 120_000 }, () => {
  it('fills the column of its table while somebody writes, and proves it', async () => {
    const where = ['--database', database.url];
    const valid = await crossfade('validate', folder);
    expect(valid.code, valid.stdout + valid.stderr).toBe(0);
    const running = crossfade('run', folder, '--speed', '1000', '--no-report', ...where);
    const writing = { goesOn: true, writes: 0 };
    const people = (async () => {
      while (writing.goesOn) {
        await client.query('insert into shop.orders (total) values (12.34)');
        await client.query(
          'update shop.orders set total = total + 1 where id = (select id from shop.orders limit 1)',
        );
        writing.writes += 1;
      }
    })();
    const run = await running;
    writing.goesOn = false;
    await people;
    expect(run.code, run.stdout + run.stderr).toBe(0);
    expect(writing.writes).toBeGreaterThan(0);
    const wrong = await client.query(
      'select from shop.orders where total_cents is distinct from total * 100',
    );
    expect(wrong.rowCount).toBe(0);
    const verified = await crossfade('verify', ...where);
    expect(verified.code, verified.stdout + verified.stderr).toBe(0);
  });
});
