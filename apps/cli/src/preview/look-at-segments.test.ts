import { emptyJournal, foldJournal, type JournalEntry, type RunEvent, type Target } from '@crossfade/engine';
import { expect, it } from 'vitest';
import { checkPlan } from '../catalogs.ts';
import { runStarted } from '../start-run.ts';
import { smallPlanYaml } from '../testing/small-plan.ts';
import { lookAtSegments } from './look-at-segments.ts';

const { bound } = checkPlan({
  'plan.yaml': smallPlanYaml,
  'sql/001.sql': 'CREATE TABLE t (id integer);\n-- crossfade:undo\nDROP TABLE IF EXISTS t;\n',
});
if (!bound) throw new Error('the small plan is not valid any more');
const plan = bound;

const entry = (runId: string, event: RunEvent, seq: number): JournalEntry => ({
  seq,
  runId,
  actor: 'test',
  event,
  atMs: seq,
  previous: '',
  hash: '',
});
const started = runStarted(plan, 1_000, Date.parse('2026-11-25T10:00:00Z'));
const nothingToAsk = {
  withConnection: async () => {
    throw new Error('this plan has no segment to ask for');
  },
} as unknown as Target;

it('knows the members of a segment that an earlier plan has left a flag open to', async () => {
  const audiences = [{ segment: 'friends', percentage: 100 }];
  const events: readonly [string, RunEvent][] = [
    ['one', started],
    ['one', { type: 'exposure.changed', flag: 'an_older_thing', audiences, reason: '' }],
    ['one', { type: 'run.completed' }],
    ['two', started],
  ];
  const journal = foldJournal(
    emptyJournal,
    events.map(([runId, event], index) => entry(runId, event, index + 1)),
  );
  const store = { readSegmentMembers: async (id: string) => (id === 'friends' ? ['anna', 'ben'] : []) };
  const seen = await lookAtSegments(plan, journal, nothingToAsk, store);
  expect(seen.figures).toEqual([]);
  expect([...seen.members]).toEqual([['friends', new Set(['anna', 'ben'])]]);
});
