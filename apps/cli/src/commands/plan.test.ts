import { rmSync } from 'node:fs';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { captured, type Said } from '../testing/captured-output.ts';
import { smallPlanYaml, writeSmallPlan } from '../testing/small-plan.ts';
import { planCommand } from './plan.ts';

vi.hoisted(() => {
  process.env['NO_COLOR'] = '1';
  delete process.env['DATABASE_URL'];
});

const step = `      - id: not-null
        type: schema
        title: Everything has a body
        change: { set_not_null: { table: messages, column: body } }
`;

let plan: string;
beforeEach(() => {
  plan = writeSmallPlan({
    'plan.yaml': smallPlanYaml.replace('      - id: open', `${step}      - id: open`),
  });
});
afterEach(() => {
  rmSync(plan, { recursive: true, force: true });
  delete process.env['DATABASE_URL'];
});

const explain = async (options: Parameters<typeof planCommand.execute>[1] = {}): Promise<Said> =>
  await captured(async (output) => await planCommand.execute(output, options, 'explain', plan));

describe('crossfade plan explain', () => {
  it('shows every step, its statements with their locks, and the undo', async () => {
    const { text, code } = await explain();
    expect(code).toBe(0);
    expect(text).toContain('table  A table (schema)');
    expect(text).toMatch(/ 1 {2}CREATE TABLE public\.small_things \(id integer PRIMARY KEY\)/);
    expect(text).toMatch(/undo\n +3 {2}DROP TABLE IF EXISTS public\.small_things\n +ACCESS EXCLUSIVE on/);
    expect(text).toContain('On Postgres before 18');
    expect(text).toContain('On Postgres 18 and newer');
    expect(text).toMatch(/SHARE UPDATE EXCLUSIVE on messages: keeps nobody out/);
    expect(text).toContain('pause  Wait (wait)');
  });

  it('tells scripts the same', async () => {
    const { data } = await explain({ step: 'not-null', server: '15' });
    expect(data).toMatchObject({
      plan: 'small',
      steps: [{ id: 'not-null', type: 'schema', onServer: [{ servers: null, apply: { together: false } }] }],
    });
  });

  it.each([
    [{ step: 'not-nul' }, '--step not-nul: expected a step of the plan; did you mean not-null?'],
    [{ server: '9.6' }, '--server 9.6: expected a version of Postgres from 14 on'],
    [{ server: 'new' }, '--server new: expected a version of Postgres'],
  ])('refuses %j', async (options, reason) => {
    expect(await explain(options)).toMatchObject({ code: 2, text: expect.stringContaining(reason) });
  });

  it('asks the database, and leaves nothing there', async () => {
    const database = await createTestDatabase();
    try {
      const { text } = await explain({ database: database.url, step: 'not-null' });
      expect(text).not.toContain('On Postgres');
      expect(text).toContain('there is no table messages in this database: told as for an ordinary table');
    } finally {
      await database.drop();
    }
  });

  it('explains all the same when nobody answers at DATABASE_URL', async () => {
    process.env['DATABASE_URL'] = 'postgres://nobody@127.0.0.1:1/none';
    const { text, code } = await explain({ step: 'not-null' });
    expect(code).toBe(0);
    expect(text).toMatch(/DATABASE_URL postgres:.*was not asked \(.*\): told for any server\./);
    expect(text).toContain('On Postgres before 18');
  });
});
