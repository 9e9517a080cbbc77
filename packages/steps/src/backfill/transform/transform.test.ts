import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { driveStep } from '../../testing/drive-step.ts';
import { exerciseStep } from '../../testing/exercise-step.ts';
import { StepWorld } from '../../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../../testing/test-target.ts';
import { backfillStep } from '../definition.ts';

const rows = 600;
let database: TestTarget;
beforeEach(async () => {
  database = await createTestTarget(`
    create table notes (id uuid primary key default gen_random_uuid(), body text not null, edits int not null default 0,
      at timestamptz not null default '2026-01-05 09:00:00.123456+00', big bigint not null default 9007199254740993,
      tags jsonb not null default '["a"]', sealed bytea, length int, seen text,
      short varchar(8), fixed char(8), marks text[]);
    insert into notes (body) select 'note ' || n from generate_series(1, ${rows}) n;
  `);
});
afterEach(async () => await database.drop());

const file = 'transforms/seal.ts';
const seal = `
  import { createCipheriv, createDecipheriv } from 'node:crypto';
  const key = Buffer.alloc(32, 7);
  interface Row { readonly key: string; readonly columns: { readonly body: string } }
  export function transform(rows: readonly Row[]) {
    return rows.map(({ key: id, columns: { body } }) => {
      const cipher = createCipheriv('aes-256-gcm', key, Buffer.alloc(12, id.slice(0, 12)));
      cipher.setAAD(Buffer.from(id));
      const text = Buffer.concat([cipher.update(body, 'utf8'), cipher.final()]);
      return { sealed: Buffer.concat([cipher.getAuthTag(), text]), length: body.length };
    });
  }
  export function inverse(changes: readonly { key: string; sealed: Uint8Array }[]) {
    return changes.map(({ key: id, sealed }) => {
      const cipher = createDecipheriv('aes-256-gcm', key, Buffer.alloc(12, id.slice(0, 12)));
      cipher.setAAD(Buffer.from(id));
      cipher.setAuthTag(sealed.slice(0, 16));
      return { body: Buffer.concat([cipher.update(sealed.slice(16)), cipher.final()]).toString() };
    });
  }
`;
const settings = {
  table: 'notes',
  key: 'id',
  transform: { file, read: ['body'], write: ['sealed', 'length'], timeout: '2s' },
  where: 'sealed is null',
  dual_write: 'application',
  batch_size: 200,
  undo: { set: { sealed: 'null', length: 'null' } },
};
const worldOf = (text: string): StepWorld =>
  new StepWorld({ target: database.target, files: { [file]: text } });
const fill = async (text: string, changes: object = {}) =>
  await driveStep(backfillStep, backfillStep.configSchema.parse({ ...settings, ...changes }), worldOf(text), {
    direction: 'forward',
    fate: 'once',
  });
const upper = (body: string) => `
  export const transform = (rows) => { ${body} };
`;
const simple = {
  transform: { file, read: ['body'], write: ['seen'], timeout: '500ms' },
  where: 'seen is null',
};

async function query<Row extends object>(sql: string): Promise<readonly Row[]> {
  return (await database.connection.query<Row>(sql)).rows;
}

describe('a transform', () => {
  it('fills every row and is taken back, whatever happens in between', async () => {
    await exerciseStep({
      type: backfillStep,
      settings,
      createWorld: () => worldOf(seal),
      snapshot: async () => await query('select id, body, sealed, length from notes order by id'),
      verifyDone: async (end) => {
        expect(end.facts).toMatchObject({ rows, migrated: rows, skipped: 0, quarantined: 0, remaining: 0 });
        expect(end.summary).toMatch(/^filled 600 of 600 rows of notes/);
        expect(
          await query(
            'select count(*)::int as n from notes where length(sealed) = 16 + length(body) and length = length(body)',
          ),
        ).toEqual([{ n: rows }]);
      },
    });
  });

  it('is given what Postgres has, exactly, and Postgres what it returns', async () => {
    const end = await fill(
      `export const transform = (rows) => rows.map(({ columns }) => ({ seen: JSON.stringify(columns) }));`,
      {
        transform: { ...simple.transform, read: ['body', 'edits', 'at', 'big', 'tags', 'sealed'] },
        where: 'seen is null',
      },
    );
    expect(end).toMatchObject({ end: 'done' });
    const [row] = await query<{ seen: string }>('select seen from notes limit 1');
    expect(JSON.parse(row?.seen ?? '')).toEqual({
      body: expect.stringMatching(/^note \d+$/),
      edits: 0,
      at: '2026-01-05 09:00:00.123456+00',
      big: '9007199254740993',
      tags: ['a'],
      sealed: null,
    });
  });

  it('is not given JSON with a number that would become another one', async () => {
    await query(
      `update notes set tags = '{"id": 9007199254740993}' where id = (select id from notes order by id limit 1)`,
    );
    const end = await fill(
      `export const transform = (rows) => rows.map(({ columns }) => ({ seen: JSON.stringify(columns.tags) }));`,
      { transform: { ...simple.transform, read: ['tags'] }, where: 'seen is null', tolerate: 1 },
    );
    expect(end).toMatchObject({ end: 'done', facts: { migrated: rows - 1, quarantined: 1 } });
    const [row] = await query<{ reason: string }>('select reason from crossfade_ledger.quarantine');
    expect(row?.reason).toContain('tags: the number 9007199254740993 in it would become 9007199254740992');
  });

  it('may have a guard about columns of any name', async () => {
    await query('alter table notes add version int not null default 1, add key text, add v0 int');
    const write = { ...simple.transform, write: ['seen', 'version'] };
    const end = await fill(
      `export const transform = (rows) => rows.map(({ columns }) => ({ seen: columns.body, version: 2 }));`,
      { transform: write, where: 'version < 2 and key is null and v0 is null' },
    );
    expect(end).toMatchObject({ end: 'done', facts: { migrated: rows } });
  });

  it.each(['auto', 'again'])('fills a table of any name, such as c, and verifies it: %s', async (verify) => {
    await query('alter table notes rename to c');
    const end = await fill(seal, { table: 'c', verify });
    expect(end).toMatchObject({ end: 'done', facts: { migrated: rows, verified: rows } });
  });

  it('is given few of the rows that are large, whatever the statistics say of them', async () => {
    await query(`alter table notes alter body set storage external`);
    await query(`delete from notes where id not in (select id from notes limit 60)`);
    await query(`update notes set body = repeat('x', 1000000)`);
    await query('vacuum analyze notes');
    const end = await fill(
      `export const transform = (rows) => rows.map(({ columns }) => ({ seen: String(columns.body.length * 100 + rows.length) }));`,
      simple,
    );
    expect(end).toMatchObject({ end: 'done', facts: { migrated: 60 } });
    const [row] = await query<{ most: number }>(
      'select max(seen::bigint - 100000000)::int as most from notes',
    );
    expect(row?.most).toBe(20);
    const [last] = await query<{ sizes: number[] }>(
      'select array_agg(distinct (seen::bigint - 100000000)::int) as sizes from notes',
    );
    expect(Math.min(...(last?.sizes ?? []))).toBeLessThanOrEqual(8);
  });

  it('never overwrites what somebody wrote after it had read', async () => {
    const slow = `
      export async function transform(rows) {
        await new Promise((resolve) => setTimeout(resolve, 30));
        return rows.map(({ columns }) => ({ seen: columns.body }));
      }`;
    const person = await database.connect('a person');
    const writing = { goesOn: true, writes: 0 };
    const [first] = await query<{ id: string }>('select id from notes order by id limit 1');
    const people = (async () => {
      while (writing.goesOn) {
        // Of an application that does not write both: what it changes is to be done again.
        await person.query(
          `update notes set body = body || '!', edits = edits + 1, seen = null where id = $1`,
          [first?.id],
        );
        writing.writes += 1;
      }
    })();
    await vi.waitUntil(() => writing.writes > 20, { timeout: 10_000 });
    const done = fill(slow, {
      ...simple,
      transform: { ...simple.transform, timeout: '5s' },
      batch_size: 100,
    });
    await vi.waitUntil(
      async () => (await query('select from notes where seen is not null limit 1')).length > 0,
      { timeout: 20_000 },
    );
    await person.query('select 1');
    writing.goesOn = false;
    await people;
    expect(await done).toMatchObject({ end: 'done', facts: { quarantined: 0, vanished: 0, remaining: 0 } });
    expect(await query('select id from notes where seen is distinct from body')).toEqual([]);
  });

  it('sets aside what it throws at, what it returns wrong, and what does not come to an end', async () => {
    await query(`update notes set body = case body
      when 'note 3' then 'throws' when 'note 200' then 'hangs' when 'note 401' then 'number' else body end`);
    const text = upper(`return rows.map(({ columns: { body } }) => {
      if (body === 'throws') throw new Error('cannot read this');
      if (body === 'hangs') for (;;);
      if (body === 'number') return { seen: { not: 'a text' } };
      return { seen: body };
    });`);
    const end = await fill(text, { ...simple, tolerate: 3 });
    expect(end).toMatchObject({
      end: 'done',
      facts: { rows, migrated: rows - 3, quarantined: 3, remaining: 3 },
    });
    expect(
      await query(
        'select body, reason from crossfade_ledger.quarantine join notes on id::text = row_key order by body',
      ),
    ).toEqual([
      { body: 'hangs', reason: 'it did not come to an end within 500 ms' },
      {
        body: 'number',
        reason:
          'seen: a transform returned object: expected text, a number, a boolean, bytes, a date or null',
      },
      { body: 'throws', reason: 'cannot read this' },
    ]);
  }, 60_000);

  it.each([
    [
      'too few rows',
      'return rows.slice(1).map(() => ({ seen: "x" }))',
      'transform returned 0 changes for 1 rows: expected as many',
    ],
    ['nothing', '', 'transform returned undefined: expected an array'],
    [
      'other columns',
      'return rows.map(() => ({ seen: "x", body: "y" }))',
      'transform changed body, which the plan does not say it writes',
    ],
    ['fewer columns', 'return rows.map(() => ({}))', 'transform left out the column seen'],
    [
      'what leaves the guard as it was',
      'return rows.map(() => ({ seen: null }))',
      'by the guard it is still to do after it was done',
    ],
  ])('that returns %s fails the step with words', async (_name, body, reason) => {
    await query('delete from notes where id not in (select id from notes limit 1)');
    expect(await fill(upper(body), simple)).toMatchObject({
      end: 'failed',
      reason: expect.stringContaining(reason),
    });
    expect(await query('select from notes where seen is not null')).toEqual([]);
  });

  it('has what it returns kept whole, or refused: nothing is cut off to fit', async () => {
    await query(`delete from notes where id not in (select id from notes order by body limit 3)`);
    const text = upper(`return rows.map(({ columns: { body } }) => ({
      short: body === 'note 1' ? 'longer than it may be' : 'short', fixed: 'fixed', marks: '{a,"b c"}', seen: body }));`);
    const transform = { ...simple.transform, write: ['short', 'fixed', 'marks', 'seen'] };
    expect(await fill(text, { ...simple, transform, tolerate: 1 })).toMatchObject({
      end: 'done',
      facts: { migrated: 2, quarantined: 1 },
    });
    expect(await query('select reason from crossfade_ledger.quarantine')).toEqual([
      { reason: 'value too long for type character varying(8)' },
    ]);
    expect(await query('select short, fixed, marks from notes where seen is not null limit 1')).toEqual([
      { short: 'short', fixed: 'fixed   ', marks: ['a', 'b c'] },
    ]);
  });

  it('that leaks is ended at its limit and begun again', async () => {
    const leak = `
      const kept = [];
      export const transform = (rows) => {
        for (let i = 0; i < 40; i += 1) kept.push(Array.from({ length: 200_000 }, (_, n) => ({ n })));
        return rows.map(({ columns: { body } }) => ({ seen: body }));
      };`;
    await query('delete from notes where id not in (select id from notes limit 1)');
    const end = await fill(leak, { ...simple, transform: { ...simple.transform, timeout: '20s' } });
    expect(end).toMatchObject({
      end: 'failed',
      reason: expect.stringContaining('it needed more than 128 MB of memory'),
    });
  }, 60_000);

  it('whose inverse does not bring back what was read changes nothing', async () => {
    const wrong = seal.replace('.toString() };', '.toString().replace("note 5", "note 6") };');
    expect(await fill(wrong)).toMatchObject({
      end: 'failed',
      reason: expect.stringContaining('what inverse brings back is not what was read'),
    });
    expect(await query(`select body from notes where sealed is not null and body like 'note 5%'`)).toEqual(
      [],
    );
  });

  it.each([
    ['is not there', {}, 'transforms/seal.ts: the plan has no such file'],
    ['does not parse', { [file]: 'export const = 1' }, 'transforms/seal.ts: '],
    ['ends its process', { [file]: 'process.exit(3)' }, 'transforms/seal.ts: its process ended with code 3'],
    [
      'exports nothing',
      { [file]: 'export const a = 1' },
      'transforms/seal.ts: it exports no function transform(rows)',
    ],
  ] as const)('whose file %s fails at once', async (_name, files, reason) => {
    const world = new StepWorld({ target: database.target, files });
    const config = backfillStep.configSchema.parse(settings);
    const end = await driveStep(backfillStep, config, world, { direction: 'forward', fate: 'once' });
    expect(end).toMatchObject({ end: 'failed', reason: expect.stringContaining(reason) });
  });

  it('that names columns which the table does not have fails at once', async () => {
    const transform = { file, read: ['body', 'boddy'], write: ['sealed'] };
    expect(await fill(seal, { transform })).toMatchObject({
      end: 'failed',
      reason: 'notes has no column boddy',
    });
  });
});

it('does not outlive a controller that is killed, even where it never comes to an end', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-test-'));
  const [hangs, pidFile] = [join(folder, 'hang.mjs'), join(folder, 'pid')];
  const module = new URL('transform-process.ts', import.meta.url).href;
  writeFileSync(
    hangs,
    `import { writeFileSync } from 'node:fs';
     export function transform() { writeFileSync(${JSON.stringify(pidFile)}, String(process.pid)); for (;;); }`,
  );
  const options = {
    url: pathToFileURL(hangs).href,
    file: 'hang.mjs',
    written: [],
    timeoutMs: 60_000,
    memoryMb: 64,
  };
  const program = `
    import { TransformProcess } from ${JSON.stringify(module)};
    await new TransformProcess(${JSON.stringify(options)}).changesOf([], new AbortController().signal);`;
  const controller = spawn(process.execPath, ['--input-type=module', '-e', program], { stdio: 'ignore' });
  try {
    await vi.waitUntil(() => existsSync(pidFile) && readFileSync(pidFile, 'utf8') !== '', {
      timeout: 30_000,
    });
    const pid = Number(readFileSync(pidFile, 'utf8'));
    expect(isAlive(pid)).toBe(true);
    controller.kill('SIGKILL');
    await vi.waitUntil(() => !isAlive(pid), { timeout: 20_000 });
  } finally {
    controller.kill('SIGKILL');
    rmSync(folder, { recursive: true });
  }
}, 60_000);

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

it.each([[{ ...settings, set: { seen: 'body' } }], [{ ...settings, transform: undefined }]])(
  'a plan says either set or transform',
  (given) => {
    expect(
      backfillStep.configSchema.safeParse(JSON.parse(JSON.stringify(given))).error?.issues,
    ).toMatchObject([{ message: 'expected either "set" or "transform"' }]);
  },
);
