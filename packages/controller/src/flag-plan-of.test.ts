import type { Audience, JournalState, RunEvent } from '@crossfade/engine';
import { applyEvent, emptyJournal } from '@crossfade/engine';
import { compileFlagDocument } from '@crossfade/flags';
import { expect, test } from 'vitest';
import { flagPlanOf } from './flag-plan-of.ts';
import { createWorld, workPlan } from './testing/work-plan.ts';

const half: readonly Audience[] = [{ segment: null, percentage: 50 }];

function after(plan: string, journal: JournalState, ...events: readonly RunEvent[]): JournalState {
  const started = { type: 'run.started', plan, planDigest: '', speed: 1 } as const;
  const all = [{ ...started, week1IsoDate: '2026-01-05', planStartOffsetMs: 0 }, ...events];
  return all.reduce((state, event) => applyEvent(state, `run of ${plan}`, event, 1_000), journal);
}

function opened(flag: string): RunEvent {
  return { type: 'exposure.changed', flag, audiences: half, reason: '' };
}

/** The rule of a flag as the application gets it. */
function ruleOf(plan: string, journal: JournalState, flag: string): unknown {
  const { document } = compileFlagDocument(flagPlanOf(workPlan(createWorld(), plan).plan, journal));
  const { flags } = JSON.parse(document) as { flags: Record<string, { targeting?: unknown }> };
  return flags[flag]?.targeting;
}

test('half of the people stay the same half under the next plan, also when that plan knows the flag', () => {
  const first = after('first', emptyJournal, opened('search'), { type: 'run.completed' });
  const second = after('second', first, opened('calls'));
  const rule = ruleOf('first', first, 'search');
  expect(rule).toBeDefined();
  expect(ruleOf('second', second, 'search')).toEqual(rule);
  expect(ruleOf('second', after('second', first, opened('search')), 'search')).toEqual(rule);
  // What the second plan opens takes its own half: the same people of both plans are not always the first to be tried on.
  expect(ruleOf('second', second, 'calls')).not.toEqual(rule);
});
