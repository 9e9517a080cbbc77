import { applyEvent, emptyJournal, type JournalState } from '@crossfade/engine';
import { describe, expect, it } from 'vitest';
import type { ControllerSnapshot } from './controller-options.ts';
import { endOf, runOf } from './ended-run.ts';
import { errorMessage } from './error-message.ts';
import { pause } from './pause.ts';
import { sentenceOf } from './sentence-of.ts';
import { ofStore } from './store-trouble.ts';
import { systemClock } from './system-ports.ts';
import { createWorld, workPlan } from './testing/work-plan.ts';

const bound = workPlan(createWorld());

function journalOf(runId: string, digest = bound.digest): JournalState {
  const event = {
    type: 'run.started',
    plan: 'work',
    planDigest: digest,
    speed: 1,
    week1IsoDate: '2026-01-05',
    planStartOffsetMs: 0,
  } as const;
  return applyEvent(emptyJournal, runId, event, 1_000);
}

describe('what an error says', () => {
  it.each([
    [new Error('disk full'), 'disk full'],
    [new Error('disk\n  full\n'), 'disk full '],
    [new RangeError(''), 'RangeError'],
    ['disk full', 'disk full'],
    [undefined, 'undefined'],
    [
      new AggregateError([new Error('refused on ::1'), 'refused on 127.0.0.1']),
      'refused on ::1; refused on 127.0.0.1',
    ],
    [new AggregateError([new Error('x')], 'all of them failed'), 'all of them failed'],
  ])('%s → "%s"', (error, text) => {
    expect(errorMessage(error)).toBe(text);
  });
});

describe('what everything waits for', () => {
  const base: Omit<ControllerSnapshot, 'waitsFor'> = {
    leadership: { status: 'leading', token: 1 },
    journal: journalOf('run-1'),
    nowMs: null,
    verdicts: {},
    waiting: {},
    effects: [],
    problem: null,
  };
  const effect = {
    step: 'fill',
    key: 'k',
    kind: 'fill',
    progress: null,
    failedAttempts: 0,
    lastError: null,
    aborting: false,
  };
  const progress = { done: 1, total: 9, unit: 'rows', note: '100 rows/s' };

  it.each<[Partial<typeof base>, string]>([
    [{ problem: 'the control store failed: refused' }, 'the control store failed: refused'],
    [{ leadership: { status: 'asking' } }, 'asking for the lease'],
    [
      { leadership: { status: 'waiting', holder: 'controller-2', expiresInMs: 4_100 } },
      'waiting for controller-2, which leads (its lease ends in 5 s unless it is renewed)',
    ],
    [{}, 'waiting for the calendar'],
    [{ journal: emptyJournal }, 'waiting for the calendar'],
    [{ waiting: { a: 'after b', c: 'gate fast fails' } }, 'a: after b; c: gate fast fails'],
    [{ effects: [effect] }, 'fill: fill'],
    [{ effects: [{ ...effect, progress }] }, 'fill: 100 rows/s'],
    [{ effects: [{ ...effect, progress: { ...progress, note: '' } }] }, 'fill: fill'],
    [{ effects: [{ ...effect, lastError: 'lost' }] }, 'fill tries again after: lost'],
    [{ effects: [{ ...effect, aborting: true, lastError: 'lost' }] }, 'fill lets go of its work (fill)'],
  ])('%j → "%s"', (changes, sentence) => {
    expect(sentenceOf({ ...base, ...changes })).toBe(sentence);
  });

  it('is the way back, with its reason, while nothing of it is at work', () => {
    const started = { type: 'rollback.started', reason: 'guardrail fast failed', drainMs: 0 } as const;
    const journal = applyEvent(base.journal, 'run-1', started, 2_000);
    expect(sentenceOf({ ...base, journal })).toBe('taking the run back: guardrail fast failed');
    expect(sentenceOf({ ...base, journal, effects: [effect] })).toBe('fill: fill');
  });
});

describe('the run to carry out', () => {
  it('is the one that was begun with, and no other', () => {
    expect(runOf(journalOf('run-1'), bound, null).runId).toBe('run-1');
    expect(runOf(journalOf('run-1'), bound, 'run-1').runId).toBe('run-1');
    expect(() => runOf(journalOf('run-2'), bound, 'run-1')).toThrow(
      'run run-2 was started while this controller carried out run run-1',
    );
  });

  it('must be there, and of this very plan', () => {
    expect(() => runOf(emptyJournal, bound, null)).toThrow('the journal has no run to carry out');
    expect(() => runOf(journalOf('run-1', 'another digest'), bound, null)).toThrow(
      /was started with plan work of digest another dige…, .* the plan was edited/,
    );
  });

  it('has ended only when nothing is left to do', () => {
    const { run } = journalOf('run-1');
    if (!run) throw new Error('the journal has a run');
    expect(endOf(run)).toBeUndefined();
    expect(endOf({ ...run, status: 'rolling_back' })).toBeUndefined();
    expect(endOf({ ...run, status: 'completed' })).toBe('completed');
    const asked = applyEvent(
      { ...journalOf('run-1'), run: { ...run, status: 'completed' } },
      'run-1',
      { type: 'rollback.requested', reason: 'by hand' },
      2_000,
    );
    expect(asked.run && endOf(asked.run)).toBeUndefined();
  });
});

describe('what is our own mistake', () => {
  it('is not taken for trouble of the store', async () => {
    const mistake = new TypeError('rows is not iterable');
    const signal = new AbortController().signal;
    await expect(ofStore(() => Promise.reject(mistake), signal)).rejects.toBe(mistake);
    await expect(ofStore(() => Promise.reject(new Error('refused')), signal)).rejects.toThrow(
      'the control store failed: refused',
    );
  });

  it('is not slept over', async () => {
    const broken = { ...systemClock, sleep: () => Promise.reject(new Error('no timer')) };
    await expect(pause(broken, 1, new AbortController().signal)).rejects.toThrow('no timer');
    await expect(pause(broken, 1, AbortSignal.abort())).resolves.toBeUndefined();
  });
});
