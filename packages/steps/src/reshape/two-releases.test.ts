import { describe, expect, it } from 'vitest';
import { contractStep } from '../contract/definition.ts';
import { createCutOffTarget } from '../testing/cut-off-target.ts';
import { driveStep, type DriveEnd } from '../testing/drive-step.ts';
import { createTestRandom } from '../testing/fakes.ts';
import { StepWorld } from '../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../testing/test-target.ts';
import { TwoReleases, type Release } from '../testing/two-releases.ts';
import { reshapeStep } from './definition.ts';

const rows = 3_000;
const setUp = `
  create table things (id integer primary key, score text not null default '0', note text);
  insert into things (id, score) select n, n::text from generate_series(1, ${rows}) n;
`;
const columns = [{ from: 'score', to: 'points', type: 'bigint', up: 'score::bigint', down: 'points::text' }];
const column = {
  table: 'public.things',
  key: 'id',
  columns,
  views: { old: 'batch_1', new: 'batch_2' },
  batch_size: 100,
};
const settingsOf = {
  column,
  table: { ...column, rewrite: true },
  'table as it is': { ...column, rewrite: true, columns: [] },
};

const old: Release = { table: 'public.things', column: 'score', value: '$2::integer::text' };
const oldByItsView: Release = { ...old, table: 'batch_1.things' };
const fresh: Release = { table: 'batch_2.things', column: 'points', value: '$2::bigint' };
const unchanged: Release = { ...old, table: 'batch_2.things' };

/** More of them than are tried here each time: CROSSFADE_SOAK_SEEDS=50. */
const seeds = Array.from({ length: Number(process.env['CROSSFADE_SOAK_SEEDS'] ?? 2) }, (_, at) => at + 1);
const cases = Object.keys(settingsOf).flatMap((name) => seeds.map((seed) => ({ name, seed })));

/** A leader that is cut off twice at some statement before a third one brings its work to its end. */
function shakyWorld(database: TestTarget, stepId: string, seed: number): StepWorld {
  const random = createTestRandom(seed * 7_919);
  const world = new StepWorld({ target: database.target, stepId });
  let attempts = 0;
  const given = world.context.bind(world);
  world.context = (signal) => {
    attempts += 1;
    return given(signal);
  };
  world.target = {
    withConnection: async (options, work) => {
      if (attempts % 3 === 0) return await database.target.withConnection(options, work);
      const cut = createCutOffTarget(database.target, 1 + Math.floor(random.next() * 60));
      return await cut.withConnection(options, work);
    },
  };
  return world;
}

async function run(
  world: StepWorld,
  direction: 'forward' | 'undo',
  settings: object,
  data: DriveEnd['data'] = null,
): Promise<DriveEnd> {
  const config = reshapeStep.configSchema.parse(settings);
  return await driveStep(reshapeStep, config, world, { direction, fate: 'once', data });
}

describe('two releases that write to one table while it is given another shape', { timeout: 120_000 }, () => {
  it.each(cases)(
    'lose nothing, there and half-way back and there again and to its end: a $name, seed $seed',
    async ({ name, seed }) => {
      const settings = settingsOf[name as keyof typeof settingsOf];
      const next = settings.columns.length === 0 ? unchanged : fresh;
      const database = await createTestTarget(setUp);
      const known = new Map(Array.from({ length: rows }, (_, at) => [at + 1, at + 1]));
      const people = new TwoReleases(database.url, { old }, known, seed);
      try {
        people.begin(6);
        const world = shakyWorld(database, 'reshape', seed);

        // Half-way there: the rows are being filled, and then it is taken back.
        const stopped = await stopAtFill(world, settings);
        expect(await run(world, 'undo', settings, stopped)).toMatchObject({ end: 'done' });

        const there = await run(world, 'forward', settings);
        expect(there).toMatchObject({ end: 'done' });
        await people.use('old', oldByItsView);
        await people.use('new', next);
        await writeFor(people, 400);

        // Back again, with what the new release has written.
        await people.use('new', undefined);
        await people.use('old', old);
        expect(await run(world, 'undo', settings, there.data)).toMatchObject({ end: 'done' });
        await people.whileStill(async () =>
          expect(await inShape(database, 'score')).toEqual(wantedOf(people)),
        );

        expect(await run(world, 'forward', settings)).toMatchObject({ end: 'done' });
        await people.use('old', oldByItsView);
        await people.use('new', next);
        await writeFor(people, 400);
        await people.use('old', undefined);
        const dropped = await driveStep(
          contractStep,
          contractStep.configSchema.parse({ of: 'reshape' }),
          shakyWorld(database, 'drop', seed + 1),
          { direction: 'forward', fate: 'once' },
        );
        expect(dropped).toEqual({ ...dropped, end: 'done' });
        await writeFor(people, 100);
        await people.end();
        expect(people.failures).toEqual([]);
        expect(await inShape(database, next.column)).toEqual(wantedOf(people));
        expect(people.writes).toBeGreaterThan(1_000);
      } finally {
        await people.end();
        await database.drop();
      }
    },
  );
});

/** @returns what the step had left when it was stopped, in the middle of the rows. */
async function stopAtFill(world: StepWorld, settings: object): Promise<DriveEnd['data']> {
  const config = reshapeStep.configSchema.parse({ ...settings, batch_size: 50 });
  let data: DriveEnd['data'] = null;
  const stop = new AbortController();
  const whole = world.context.bind(world);
  world.context = () => ({
    ...whole(stop.signal),
    report: ({ unit, done }) => {
      if (unit === 'rows' && done > 1_000) stop.abort(new Error('stopped half-way'));
    },
  });
  const end = await driveStep(reshapeStep, config, world, {
    direction: 'forward',
    fate: 'once',
    onMove: (move) => {
      if (move.move === 'effect') ({ data } = move);
    },
  });
  world.context = whole;
  expect(end).toMatchObject({ end: 'failed', reason: 'stopped half-way' });
  return data;
}

async function writeFor(people: TwoReleases, writes: number): Promise<void> {
  const until = people.writes + writes;
  while (people.writes < until && people.failures.length === 0)
    await new Promise((resolve) => setTimeout(resolve, 10));
}

async function inShape(database: TestTarget, shape: string): Promise<[number, number][]> {
  const { rows: found } = await database.connection.query<{ id: number; value: number }>(
    `select id, ${shape}::float8 as value from public.things order by id`,
  );
  return found.map(({ id, value }) => [id, value]);
}

const wantedOf = ({ known }: TwoReleases): [number, number][] =>
  [...known]
    .flatMap(([id, value]): [number, number][] => (value === undefined ? [] : [[id, value]]))
    .toSorted(([a], [b]) => a - b);
