import { rmSync } from 'node:fs';
import { stripVTControlCharacters } from 'node:util';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { Client } from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { crossfadeHere } from '../testing/crossfade-here.ts';
import { smallPlanYaml, writeSmallPlan } from '../testing/small-plan.ts';

const folder = vi.hoisted(() => {
  process.env['CROSSFADE_FOLDER'] = `${process.env['TMPDIR'] ?? '/tmp'}/crossfade-cohorts-${process.pid}`;
  process.env['CROSSFADE_ACTOR'] = 'ana';
  delete process.env['DATABASE_URL'];
  return process.env['CROSSFADE_FOLDER'];
});

/** Half of the keen people with a tenth held back, then everybody. */
const cohortPlan = smallPlanYaml
  .replace(
    'flags:',
    'segments:\n  keen: { title: Keen people, sql: SELECT id FROM public.people WHERE keen }\nflags:',
  )
  .replace('groups:', 'groups:\n  alpha: { title: Keen, segment: keen, percentage: 50, hold_back: 10 }')
  .replace(
    'stages: [{ group: all, gates: [] }]',
    'stages: [{ group: alpha }, { group: alpha, percentage: 90 }]',
  )
  .replace('for: 1h', 'for: 1s');

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let client: Client;
let plan: string;
beforeEach(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
  await client.query(`
    CREATE TABLE public.people (id uuid PRIMARY KEY DEFAULT gen_random_uuid(), keen boolean NOT NULL);
    INSERT INTO public.people (keen) SELECT n % 2 = 0 FROM generate_series(1, 400) AS n`);
  plan = writeSmallPlan({ 'plan.yaml': cohortPlan });
});
afterEach(async () => {
  rmSync(plan, { recursive: true, force: true });
  await client.end();
  await database.drop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

async function crossfade(...words: string[]) {
  const end = await crossfadeHere(...words, '--database', database.url, '--no-color');
  return { ...end, text: stripVTControlCharacters(end.stdout + end.stderr) };
}
async function asData<T>(...words: string[]): Promise<T> {
  const { stdout } = await crossfade(...words, '--json');
  return JSON.parse(stdout) as T;
}
const run = async () => await crossfade('run', plan, '--speed', '100000', '--no-report', '--quiet');

interface Preview {
  readonly segments: readonly { segment: string; found: number; size: number; cost: number }[];
  readonly stages: readonly {
    group: string;
    flags: readonly { flag: string; on: number; added: number; heldBack: number; who?: readonly string[] }[];
  }[];
}
interface OfPerson {
  readonly memberships: readonly { segment: string; sinceMs: number }[];
  readonly flags: readonly { flag: string; value: boolean; variant: string; why: string }[];
}

describe('crossfade rollout preview', { timeout: 120_000 }, () => {
  it('says beforehand how many people each stage lets in and who, and is right', async () => {
    const preview = await asData<Preview>('rollout', 'preview', plan, '--who');
    expect(preview.segments).toMatchObject([{ segment: 'keen', found: 200, size: 200 }]);
    const [first, second] = preview.stages.map(({ flags }) => flags[0]);
    expect(first?.heldBack).toBe(second?.heldBack);
    expect(first?.on).toBe(first?.added);
    expect((second?.on ?? 0) + (second?.heldBack ?? 0)).toBe(200);
    expect(second?.added).toBe((second?.on ?? 0) - (first?.on ?? 0));
    const { rows } = await client.query<{ n: string | null }>(`SELECT to_regclass('crossfade.journal') AS n`);
    expect(rows).toEqual([{ n: null }]); // Nothing was written.

    expect((await run()).code).toBe(0);
    const promised = [...(first?.who ?? []), ...(second?.who ?? [])].toSorted();
    const people = await client.query<{ id: string }>('SELECT id FROM public.people ORDER BY id');
    const on: string[] = [];
    for (const { id } of people.rows.slice(0, 60)) {
      const { flags } = await asData<OfPerson>('flags', 'list', '--for', id);
      if (flags[0]?.value === true) on.push(id);
    }
    expect(on).toEqual(promised.filter((id) => people.rows.slice(0, 60).some((row) => row.id === id)));

    const after = await asData<Preview>('rollout', 'preview');
    expect(after.stages.map(({ flags }) => flags[0]?.added)).toEqual([0, 0]);
  });

  it('is read at a glance', async () => {
    const { text, code } = await crossfade('rollout', 'preview', plan);
    expect(code).toBe(0);
    expect(text).toMatch(/keen +200 people +cost \d+ of at most 1,000,000/);
    expect(text).toMatch(
      /open +alpha +50 % of keen \(10 % held back\) +\d+ people, \d+ of them new, \d+ held back +new_thing/,
    );
    expect(text).toContain('Nobody was let in.');
  });

  it('says which segment it could not look at, and shows the others', async () => {
    await client.query('ALTER TABLE public.people RENAME TO persons');
    const { text, code } = await crossfade('rollout', 'preview', plan);
    expect(code).toBe(1);
    expect(text).toContain(
      'keen  could not be looked at: segment keen: relation "public.people" does not exist',
    );
    expect(text).toMatch(/0 people, 0 of them new/);
  });

  it.each([
    [['--step', 'opne'], '--step opne: expected a rollout of the plan: open; did you mean open?'],
    [['--step', 'table'], '--step table: expected a rollout of the plan: open'],
  ])('refuses %j', async (words, told) => {
    const { text, code } = await crossfade('rollout', 'preview', plan, ...words);
    expect([code, text]).toEqual([2, expect.stringContaining(told)]);
  });

  it('needs a plan, as long as none was run', async () => {
    expect(await crossfade('rollout', 'preview')).toMatchObject({
      code: 2,
      text: expect.stringContaining('no plan has been run on this database yet: name one'),
    });
  });
});

describe('flags for one person', { timeout: 120_000 }, () => {
  it('are switched off and on, told with their reasons, and given back to the plan', async () => {
    expect((await run()).code).toBe(0);
    const preview = await asData<Preview>('rollout', 'preview', plan);
    expect(preview.stages).toHaveLength(2);
    const { rows } = await client.query<{ id: string }>(
      'SELECT id FROM public.people WHERE keen ORDER BY id',
    );
    const answers = new Map<string, OfPerson>();
    for (const { id } of rows) {
      answers.set(id, await asData<OfPerson>('flags', 'list', '--for', id));
      if (answers.size > 30) break;
    }
    const [person = ''] = [...answers].find(([, { flags }]) => flags[0]?.value === true) ?? [];
    const now = async () => (await asData<OfPerson>('flags', 'list', '--for', person)).flags[0];
    expect(answers.get(person)?.memberships).toMatchObject([{ segment: 'keen' }]);
    expect(await now()).toEqual({ flag: 'new_thing', value: true, variant: 'on', why: 'let in by the plan' });

    const off = await crossfade(
      'flags',
      'off',
      'new_thing',
      '--for',
      person.toUpperCase(),
      '--reason',
      'she asked',
    );
    expect(off).toMatchObject({ code: 0, text: `✔ new_thing: off for ${person}.\n` });
    expect(await now()).toMatchObject({ value: false, why: 'switched off for this person by an operator' });
    expect((await crossfade('flags', 'list')).text).toMatch(
      /new_thing +90 % of keen \(10 % held back\) \(1 person by hand\)/,
    );

    await crossfade('flags', 'reset', 'new_thing', '--for', person);
    expect(await now()).toMatchObject({ value: true, why: 'let in by the plan' });

    const stranger = '00000000-0000-4000-8000-000000000000';
    await crossfade('flags', 'on', '--all', '--for', stranger);
    expect((await asData<OfPerson>('flags', 'list', '--for', stranger)).flags).toMatchObject([
      { value: true, why: 'switched on for this person by an operator' },
    ]);
    expect((await crossfade('flags', 'on', '--all', '--for', 'constructor')).text).not.toContain(
      'open to nobody',
    );
    const odd = (await asData<OfPerson>('flags', 'list', '--for', 'constructor')).flags[0];
    expect(odd).toMatchObject({ value: true });
    expect((await crossfade('flags', 'reset', '--all', '--for', 'constructor')).code).toBe(0);
    await crossfade('flags', 'disable', '--all');
    expect((await asData<OfPerson>('flags', 'list', '--for', stranger)).flags).toMatchObject([
      { value: false, why: 'switched off for everybody by an operator' },
    ]);
    const { rows: entries } = await client.query(
      `SELECT actor FROM crossfade.journal WHERE body LIKE '%override.%' ORDER BY seq`,
    );
    expect(entries).toEqual(Array.from({ length: 5 }, () => ({ actor: 'ana' })));
  });

  it.each([
    [['off', 'new_thing'], 'flags off is for one person: expected --for USER; for everybody: flags disable'],
    [['disable', 'new_thing', '--for', 'x'], 'flags disable is for everybody; for one person: flags off'],
    [['off', 'new_thing', '--for', 'größe'], '--for "größe": expected a user id, in printable ASCII'],
    [['off', 'new_thing', '--for', ''], '--for "": expected a user id, in printable ASCII'],
  ])('refuses %j', async (words, told) => {
    const { text, code } = await crossfade('flags', ...words);
    expect([code, text]).toEqual([2, expect.stringContaining(told)]);
  });
});
