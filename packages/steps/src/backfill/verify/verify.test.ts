import { TerminalError } from '@crossfade/engine';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { driveStep } from '../../testing/drive-step.ts';
import { StepWorld } from '../../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../../testing/test-target.ts';
import { ensureLedger } from '../../target/ledger.ts';
import { backfillStep } from '../definition.ts';
import { verifyBackfill, type Verification } from './verify-backfill.ts';

const rows = 200_000;
const settings = {
  table: 'words',
  key: 'id',
  set: { copy: 'upper(body)' },
  where: 'copy is null',
  dual_write: 'application',
  undo: { set: { copy: 'null' } },
};
const tableOf = (count: number): string => `
  create table words (id bigint primary key, body text not null, copy text);
  insert into words select n, 'word ' || n, upper('word ' || n) from generate_series(1, ${count}) n;
  analyze words;
`;

let database: TestTarget;
let world: StepWorld;
async function given(sql: string, files: Readonly<Record<string, string>> = {}): Promise<void> {
  database = await createTestTarget(sql);
  world = new StepWorld({ target: database.target, files });
  await ensureLedger(database.connection);
}
afterEach(async () => await database.drop());

const parse = (changes: object = {}) => {
  const { set, ...rest } = settings;
  return backfillStep.configSchema.parse({ ...rest, ...('transform' in changes ? {} : { set }), ...changes });
};
const forward = async (changes: object = {}) =>
  await driveStep(backfillStep, parse(changes), world, { direction: 'forward', fate: 'once' });
const query = async (sql: string) => (await database.connection.query<Record<string, unknown>>(sql)).rows;
interface Circumstances {
  readonly workers?: number;
  readonly resume?: boolean;
  readonly signal?: AbortSignal;
  readonly afterFirstChunk?: () => Promise<void>;
}

async function verify(changes: object = {}, circumstances: Circumstances = {}): Promise<Verification> {
  const { workers = 1, resume = false, signal } = circumstances;
  let { afterFirstChunk } = circumstances;
  const context = { ...world.context(), ...(signal && { signal }) };
  return await database.target.withConnection(
    { applicationName: 'verification', signal: context.signal },
    async (connection) => {
      const watched: typeof connection = {
        ...connection,
        async query(text, parameters) {
          const result = await connection.query<never>(text, parameters);
          if (text.startsWith('update crossfade_ledger.verifications')) {
            const happens = afterFirstChunk;
            afterFirstChunk = undefined;
            await happens?.();
          }
          return result;
        },
      };
      return await verifyBackfill(watched, context, parse(changes), { askedBy: 'command', workers, resume });
    },
  );
}

describe('the verification of a backfill by SQL', { timeout: 60_000 }, () => {
  describe('of a large table', () => {
    beforeEach(async () => await given(tableOf(rows)));

    it.each([1, 2])('finds the one row of them all that is wrong, by %i connections', async (workers) => {
      await query(`update words set copy = 'WRONG' where id = 123456`);
      expect(await verify({}, { workers })).toMatchObject({
        compared: rows,
        notDone: 0,
        different: 1,
        keys: ['123456'],
        notVerified: null,
      });
    });

    it('finds it along the places on disk, too', async () => {
      await query(`update words set copy = 'WRONG' where id = 123456`);
      expect(await verify({ order: 'place' })).toMatchObject({
        compared: rows,
        different: 1,
        keys: ['123456'],
      });
    });

    it('along the places on disk finds a row that was made wrong as it moved behind us', async () => {
      await query('delete from words where id <= 2000');
      await query('vacuum (index_cleanup on) words');
      const moved = { page: Infinity };
      const found = await verify(
        { order: 'place' },
        {
          afterFirstChunk: async () => {
            // Of a session that has written nothing yet: it asks where there is room.
            const person = await database.connect('a person');
            await person.query(`update words set copy = 'WRONG' where id = 150000`);
            const [row] = await query('select (ctid::text::point)[0] as page from words where id = 150000');
            moved.page = Number(row?.['page']);
          },
        },
      );
      expect(moved.page).toBeLessThan(20);
      expect(found).toMatchObject({ different: 1, keys: ['150000'] });
    });

    it('finds nothing in a right table that is written all the time', async () => {
      const writer = await database.connect('a writer');
      const writing = { goesOn: true, writes: 0 };
      const written = (async () => {
        while (writing.goesOn) {
          // Of an application that writes both, one after the other: between the two, they differ.
          await writer.query(`update words set body = body || '!' where id % 1000 = $1`, [
            writing.writes % 1000,
          ]);
          await writer.query(`update words set copy = upper(body) where id % 1000 = $1`, [
            writing.writes % 1000,
          ]);
          writing.writes += 1;
        }
      })();
      const found = await verify({}, { workers: 2 });
      const byPlace = await verify({ order: 'place' });
      writing.goesOn = false;
      await written;
      expect(writing.writes).toBeGreaterThan(5);
      expect(found).toMatchObject({ compared: rows, different: 0, keys: [] });
      expect(byPlace).toMatchObject({ different: 0, keys: [] });
      expect(byPlace.compared).toBeGreaterThan(rows / 2);
    });

    it('that is cut off goes on where it was', async () => {
      await query(`update words set copy = 'WRONG' where id in (10, 199990)`);
      const stopping = new AbortController();
      const cut = verify({}, { signal: stopping.signal });
      const cursorOf = async () =>
        await query(
          `select slice, cursor, compared::int from crossfade_ledger.verifications where compared > 0 order by slice`,
        );
      await vi.waitUntil(async () => (await cursorOf()).length > 0, { timeout: 10_000, interval: 1 });
      stopping.abort(new Error('cut off'));
      await expect(cut).rejects.toThrow('cut off');
      const [before] = await cursorOf();
      expect(before).toMatchObject({ slice: 1 });
      // What was seen is not looked at again, even though it has become wrong since.
      await query(`update words set copy = 'WRONG' where id = 11`);
      expect(await verify({}, { resume: true })).toMatchObject({
        compared: rows,
        different: 2,
        keys: ['10', '199990'],
      });
      expect(await verify()).toMatchObject({ different: 3, keys: ['10', '11', '199990'] });
    });

    it('names a hundred at most, and counts the others', async () => {
      await query(`update words set copy = 'WRONG' where id % 2 = 0`);
      const found = await verify();
      expect(found).toMatchObject({ compared: rows, different: rows / 2 });
      expect(found.keys).toHaveLength(100);
    });
  });

  it('counts what is still to do apart, and does not compare it', async () => {
    await given(tableOf(500));
    await query('update words set copy = null where id > 400');
    expect(await verify()).toMatchObject({ compared: 400, notDone: 100, different: 0, quarantined: 0 });
  });

  it('names the key of several columns', async () => {
    await given(`
      create table words (tenant text, id int, body text, copy text, primary key (tenant, id));
      insert into words select 't' || n % 3, n, 'word', 'WORD' from generate_series(1, 3000) n;
      update words set copy = 'word' where id = 1234;
    `);
    expect(await verify({ key: ['tenant', 'id'] })).toMatchObject({
      compared: 3_000,
      different: 1,
      keys: ['["t1", "1234"]'],
    });
  });

  it('traces an expression that fails down to the row that it fails of', async () => {
    await given(`
      create table words (id int primary key, body text, copy numeric(6, 2));
      insert into words select n, n || '.125', n + 0.13 from generate_series(1, 1000) n;
      update words set body = 'many' where id = 700;
    `);
    // Rounded as the column has it, the others are right.
    expect(await verify({ set: { copy: 'body::numeric' } })).toMatchObject({
      compared: 1_000,
      different: 1,
      keys: ['700'],
    });
  });

  it.each([
    ['random()::text', 'random() is not immutable'],
    [`body || now()`, 'now() is not immutable'],
    [`body || current_date`, 'the current time or user is not immutable'],
    [`(select max(w.body) from words w)`, 'it reads other rows, which may have changed since'],
  ])('does not pretend to verify %s', async (copy, notVerified) => {
    await given(tableOf(10));
    expect(await verify({ set: { copy } })).toMatchObject({ compared: 0, notVerified });
  });

  it('goes by what the plan says is right, whatever the expression', async () => {
    await given(tableOf(10));
    await query(`update words set copy = 'short' where id = 3`);
    const changes = { set: { copy: 'random()::text' }, verify: `copy like 'WORD %'` };
    expect(await verify(changes)).toMatchObject({ compared: 10, different: 1, keys: ['3'] });
    expect(backfillStep.lint(parse({ verify: 'copy like' }), {})).toEqual([
      expect.stringContaining('verify: "copy like" is not an SQL expression'),
    ]);
    expect(backfillStep.lint(parse({ verify: 'agian' }), {})).toEqual([
      'verify: agian: expected auto, again, off, or SQL that is true of a row that is right; a column that says so is written (agian)',
    ]);
    expect(backfillStep.lint(parse({ verify: '(is_right)' }), {})).toEqual([]);
  });
});

describe('a backfill', { timeout: 60_000 }, () => {
  beforeEach(async () => await given(tableOf(1_000)));

  it('is done once its rows are verified, and says so', async () => {
    await query('update words set copy = null where id > 10');
    expect(await forward()).toMatchObject({
      end: 'done',
      summary: expect.stringMatching(/^filled 990 of 1,000 rows of words, .*, verified$/),
      facts: { verified: 1_000, notVerified: null },
    });
  });

  it('fails with the keys of rows that are done and wrong', async () => {
    await query(`update words set copy = 'WRONG' where id <= 7`);
    expect(await forward()).toMatchObject({
      end: 'failed',
      reason: expect.stringContaining(
        '7 rows of words are done by the guard, and not what the plan makes of them: 1, 2, 3, 4, 5, …',
      ),
    });
    expect(await forward({ verify: 'off' })).toMatchObject({
      end: 'done',
      facts: { verified: null, notVerified: 'the plan says verify: off' },
    });
  });
});

const file = 'transforms/turn.ts';
const turn = `
  const turned = (text) => [...text].reverse().join('');
  export const transform = (rows) => rows.map(({ columns }) => ({ copy: turned(columns.body) }));
`;
const inverse = `export const inverse = (changes) => changes.map(({ copy }) => ({ body: turned(copy) }));`;
const transformed = {
  transform: { file, read: ['body'], write: ['copy'] },
};

describe('the verification of a transform', { timeout: 60_000 }, () => {
  const turnedWords = `
    create table words (id bigint primary key, body text not null, copy text);
    insert into words select n, 'word ' || n, reverse('word ' || n) from generate_series(1, 12000) n;
    update words set copy = 'WRONG' where id = 7777;
    update words set copy = null where id <= 5;
  `;

  it('reads back by the inverse what is stored', async () => {
    await given(turnedWords, { [file]: turn + inverse });
    expect(await verify(transformed)).toMatchObject({
      compared: 11_995,
      notDone: 5,
      different: 1,
      keys: ['7777'],
    });
  });

  it('of an inverse that fails of a row names the row', async () => {
    const strict = `${turn}
      export const inverse = (changes) => changes.map(({ copy }) => {
        if (!copy.endsWith(' drow')) throw new Error('broken: ' + copy);
        return { body: turned(copy) };
      });`;
    await given(turnedWords, { [file]: strict });
    expect(await verify(transformed)).toMatchObject({ compared: 11_995, different: 1, keys: ['7777'] });
  });

  it('without an inverse is none, unless it is to be transformed again', async () => {
    await given(turnedWords, { [file]: turn });
    expect(await verify(transformed)).toMatchObject({
      compared: 0,
      notVerified: `${file} exports no inverse, and the plan does not say verify: again`,
    });
    expect(await verify({ ...transformed, verify: 'again' })).toMatchObject({
      compared: 11_995,
      different: 1,
      keys: ['7777'],
    });
  });

  it('takes as many rows at once as a slow inverse can do in its time', async () => {
    const slow = `${turn}
      export const inverse = async (changes) => {
        await new Promise((resolve) => setTimeout(resolve, changes.length));
        return changes.map(({ copy }) => ({ body: turned(copy) }));
      };`;
    await given(turnedWords, { [file]: slow });
    await query('delete from words where id > 2000');
    const startedMs = performance.now();
    expect(
      await verify({ ...transformed, transform: { ...transformed.transform, timeout: '800ms' } }),
    ).toMatchObject({ compared: 1_995, different: 0 });
    // A millisecond a row, and no batch that was given up.
    expect(performance.now() - startedMs).toBeLessThan(10_000);
  });

  it('is part of the step', async () => {
    await given(turnedWords, { [file]: turn + inverse });
    const config = { ...transformed };
    expect(await forward(config)).toMatchObject({
      end: 'failed',
      reason: expect.stringContaining('1 row of words is done by the guard'),
    });
    await query(`update words set copy = reverse(body) where id = 7777`);
    expect(await forward(config)).toMatchObject({ end: 'done', facts: { verified: 12_000 } });
  });
});

it('two of one step do not disturb each other: the earlier one ends', async () => {
  await given(tableOf(rows));
  const first = verify().catch((error: unknown) => error);
  await vi.waitUntil(
    async () => (await query('select from crossfade_ledger.verifications where compared > 0')).length > 0,
    { timeout: 10_000, interval: 1 },
  );
  expect(await verify()).toMatchObject({ compared: rows, different: 0 });
  const end = await first;
  expect(end).toBeInstanceOf(TerminalError);
  expect(String(end)).toContain('another verification of it has begun');
}, 60_000);
