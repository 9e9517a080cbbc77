import { expect, it } from 'vitest';
import { BuildStory, type BuildFigures } from './build-figures.ts';

const nothing: BuildFigures = {
  phase: 'initializing',
  blocksDone: 0,
  blocksTotal: 0,
  tuplesDone: 0,
  tuplesTotal: 0,
  lockersDone: 0,
  lockersTotal: 0,
  waitsFor: null,
};
const scanning = (blocksDone: number): BuildFigures => ({
  ...nothing,
  phase: 'building index: scanning table',
  blocksDone,
  blocksTotal: 1_000,
});

it('says how much longer a part takes, from how fast it has gone since it began', () => {
  const story = new BuildStory();
  const told = [scanning(100), scanning(150), scanning(500)].map((figures, second) =>
    story.tell(figures, second * 1_000, 'by_body'),
  );
  expect(told.map(({ note }) => note)).toEqual([
    'by_body: building index: scanning table',
    'by_body: building index: scanning table, about 17 s to the end of this part',
    'by_body: building index: scanning table, about 3 s to the end of this part',
  ]);
  expect(told.at(-1)).toMatchObject({ done: 500, total: 1_000, unit: 'blocks' });
});

it('begins to reckon anew with each part, whose figures have nothing to do with those before', () => {
  const story = new BuildStory();
  story.tell(scanning(0), 0, 'by_body');
  story.tell(scanning(1_000), 1_000, 'by_body');
  const loading = {
    ...scanning(1_000),
    phase: 'building index: loading tuples in tree',
    tuplesDone: 5,
    tuplesTotal: 9,
  };
  expect(story.tell(loading, 2_000, 'by_body')).toEqual({
    done: 5,
    total: 9,
    unit: 'rows',
    note: 'by_body: building index: loading tuples in tree',
  });
});

it('says whom it waits for', () => {
  const waiting = {
    ...scanning(1_000),
    phase: 'waiting for old snapshots',
    lockersDone: 1,
    lockersTotal: 3,
    waitsFor: 'a report for app (process 4711, idle in transaction, open for 12.3 s)',
  };
  expect(new BuildStory().tell(waiting, 0, 'by_body')).toEqual({
    done: 1,
    total: 3,
    unit: 'transactions waited for',
    note: 'by_body: waiting for old snapshots: a report for app (process 4711, idle in transaction, open for 12.3 s)',
  });
});

it('knows no total where the server says none', () => {
  expect(new BuildStory().tell(nothing, 0, 'by_body')).toEqual({
    done: 0,
    total: null,
    unit: 'rows',
    note: 'by_body: initializing',
  });
});
