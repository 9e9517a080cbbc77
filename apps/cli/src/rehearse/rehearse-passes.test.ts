import { rmSync } from 'node:fs';
import { TerminalError, type BoundPlan, type BoundStep, type StepType } from '@crossfade/engine';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { stepCatalog } from '@crossfade/steps';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { z } from 'zod';
import { checkPlan } from '../catalogs.ts';
import { readPlanFolder } from '../plan-folder.ts';
import { writeSmallPlan } from '../testing/small-plan.ts';
import { undosNotTried } from './build-rehearsal.ts';
import { rehearsePasses, type SeenPass } from './rehearse-passes.ts';
import { needsBeside } from './rehearsed-steps.ts';

let database: Awaited<ReturnType<typeof createTestDatabase>>;
beforeAll(async () => void (database = await createTestDatabase()));
afterAll(async () => await database.drop());

const folder = writeSmallPlan();
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const smallPlan = checkPlan(readPlanFolder(folder).files).bound;
if (!smallPlan) throw new Error('the small plan is not valid');
const bound: BoundPlan = smallPlan;

/** What a step does, in SQL. */
type Sql = Readonly<Record<'forward' | 'undo', string>>;

function stepOf(
  id: string,
  sql: Sql,
  reversibility: StepType<unknown>['reversibility'] = 'reversible',
): BoundStep {
  const effect = (kind: string) => ({ move: 'effect', kind, input: null, data: kind, note: '' }) as const;
  const done = { move: 'done', summary: '', facts: {} } as const;
  const type: StepType<unknown> = {
    type: 'test',
    about: '',
    configSchema: z.unknown(),
    reversibility,
    describe: () => '',
    references: () => ({ files: [], gates: [], flags: [], groups: [], parameters: [] }),
    lint: () => [],
    watches: () => [],
    forward: ({ outcome }) => moved(outcome, effect('forward'), done),
    undo: ({ outcome }) => moved(outcome, effect('undo'), done),
    perform: async ({ kind }, { target, signal }) =>
      await target.withConnection({ applicationName: 'test', signal }, async (connection) => {
        try {
          await connection.query('begin');
          for (const statement of sql[kind === 'forward' ? 'forward' : 'undo'].split(';'))
            await connection.query(statement);
          await connection.query('commit');
          return null;
        } catch (error) {
          throw new TerminalError(String(error));
        }
      }),
  };
  const [first] = bound.steps.values();
  if (!first) throw new Error('the small plan has no step');
  return { ...first, step: { ...first.step, id, config: {} }, type };
}

function moved<Effect, Done>(
  outcome: Parameters<StepType<unknown>['forward']>[0]['outcome'],
  effect: Effect,
  done: Done,
): Effect | Done | { readonly move: 'fail'; readonly reason: string } {
  if (!outcome) return effect;
  return outcome.status === 'failed' ? { move: 'fail', reason: outcome.error } : done;
}

async function passesOf(...steps: BoundStep[]): Promise<readonly SeenPass[]> {
  const { directUrl } = database;
  const signal = new AbortController().signal;
  return await rehearsePasses({
    bound,
    steps,
    url: directUrl,
    superuserUrl: directUrl,
    signal,
    begins: () => undefined,
  });
}

const shape = (passes: readonly SeenPass[]): unknown =>
  passes.map(({ direction, steps }) => [
    direction,
    ...steps.map(({ owner, end }) => `${owner.step.id} ${end.end}`),
  ]);

describe('the passes of a rehearsal', () => {
  it('do what cannot be taken back only at the end, with all that comes after it', async () => {
    const add = stepOf('add', { forward: 'create table one (id int)', undo: 'drop table one' });
    const drop = stepOf('drop', { forward: 'drop table one', undo: 'select 1 / 0' }, 'contract');
    const after = stepOf('after', { forward: 'create table two (id int)', undo: 'drop table two' });
    const passes = await passesOf(add, drop, after);
    expect(shape(passes)).toEqual([
      ['forward', 'add done'],
      ['undo', 'add done'],
      ['forward', 'add done', 'drop done', 'after done'],
    ]);
    expect(undosNotTried(passes)).toEqual(['after']);
  });

  it('end with the undo when something fails, forward or back', async () => {
    const well = stepOf('well', { forward: 'create table three (id int)', undo: 'drop table three' });
    const bad = stepOf('bad', { forward: 'select 1 / 0', undo: 'select 1' });
    expect(shape(await passesOf(well, bad))).toEqual([
      ['forward', 'well done', 'bad failed'],
      ['undo', 'bad done', 'well done'],
    ]);
    const stays = stepOf('stays', { forward: 'select 1', undo: 'select 1 / 0' });
    expect(shape(await passesOf(well, stays))).toEqual([
      ['forward', 'well done', 'stays done'],
      ['undo', 'stays failed'],
    ]);
  });

  it('measure a lock from the statement that takes it to the end of the transaction, and tell what it adds', async () => {
    const set = stepOf('set', {
      forward: 'create table four (id int primary key); insert into four select 1',
      undo: 'drop table four',
    });
    const long = stepOf('long', {
      forward:
        'select pg_sleep(0.1); lock table four in share mode; select pg_sleep(0.2); update four set id = 2; select pg_sleep(0.1)',
      undo: 'update four set id = 1',
    });
    const [forward] = await passesOf(set, long);
    const locks = forward?.steps[1]?.statements.flatMap(({ text, locks: taken }) =>
      taken.map((lock) => ({ text: text.trim(), ...lock })),
    );
    const [share, ...others] = locks ?? [];
    expect(share).toMatchObject({
      text: 'lock table four in share mode',
      table: 'four',
      keepsOut: 'writers',
      covered: false,
      times: 1,
    });
    expect(share?.longestMs).toBeGreaterThan(300);
    expect(share?.longestMs).toBeLessThan((forward?.steps[1]?.tookMs ?? 0) - 100);
    // Writers of the table are kept out already when it writes rows itself.
    expect(others.map(({ table, keepsOut, covered }) => `${table} ${keepsOut} ${covered}`)).toEqual([
      'four writers of the same rows true',
      'four writers of the same rows true',
    ]);
    expect(others[0]?.longestMs).toBeLessThan((share?.longestMs ?? 0) - 195);
    // What a step makes nobody waits for.
    expect(forward?.steps[0]?.statements.flatMap(({ locks: taken }) => taken)).toEqual([]);
  });

  it('tell what a statement that failed had kept from people until then', async () => {
    const set = stepOf('set', {
      forward: 'create table five (id int); insert into five select 1',
      undo: 'drop table five',
    });
    const slow = stepOf('slow', {
      forward: `set local statement_timeout = 300; alter table five add check (pg_sleep(9) is not null)`,
      undo: 'select 1',
    });
    const [forward] = await passesOf(set, slow);
    const [lock] = forward?.steps[1]?.statements.flatMap(({ locks }) => locks) ?? [];
    expect(lock).toMatchObject({ table: 'five', mode: 'AccessExclusiveLock', keepsOut: 'everybody' });
    expect(lock?.longestMs).toBeGreaterThan(200);
  });
});

it('every type of step is rehearsed, or it is said what it needs', () => {
  expect(Object.keys(needsBeside)).toEqual(expect.arrayContaining(Object.keys(stepCatalog)));
});
