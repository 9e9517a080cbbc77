import { stripVTControlCharacters } from 'node:util';
import { emptyJournal } from '@crossfade/engine';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { checkPlan } from '../catalogs.ts';
import { createOutput } from '../output.ts';
import { starterPlan } from '../starter-plan.ts';
import { createLiveDisplay, plainDisplay } from './live-display.ts';

const { bound } = checkPlan(starterPlan);
if (!bound) throw new Error('the starter plan is not valid any more');
const plan = bound;

const nothing = {
  journal: emptyJournal,
  nowMs: null,
  verdicts: {},
  waiting: {},
  effects: [],
  problem: null,
};

describe('the display of a log or a pipe', () => {
  it('says once whom it waits for', () => {
    const lines: string[] = [];
    const display = plainDisplay(plan, (text) => lines.push(text));
    for (const expiresInMs of [3_000, 2_000, 1_000]) {
      const leadership = { status: 'waiting', holder: 'host/7', expiresInMs } as const;
      display.snapshot({ ...nothing, leadership, waitsFor: `waiting for host/7, ${expiresInMs}` }, undefined);
    }
    expect(lines).toEqual(['waiting for host/7, 3000']);
  });

  it('tells each problem once, and when it is over, while two of them alternate', () => {
    const lines: string[] = [];
    const display = plainDisplay(plan, (text) => lines.push(text));
    for (const problem of [null, 'no answer', 'no lease', 'no answer', 'no lease', null, null, 'no answer']) {
      display.snapshot({ ...nothing, leadership: { status: 'asking' }, problem, waitsFor: '' }, undefined);
    }
    expect(lines).toEqual(['! no answer', '! no lease', '✔ That is over.', '! no answer']);
  });
});

describe('the display of whoever asked for one line, or one document', () => {
  afterEach(() => vi.restoreAllMocks());

  function written(): Readonly<Record<'stdout' | 'stderr', string[]>> {
    const text = { stdout: [] as string[], stderr: [] as string[] };
    for (const name of ['stdout', 'stderr'] as const)
      vi.spyOn(process[name], 'write').mockImplementation((chunk) => text[name].push(String(chunk)) > 0);
    return text;
  }

  it.each([{ json: true }, { quiet: true }])(
    'with %j tells problems on stderr, and nothing else',
    (given) => {
      const { stdout, stderr } = written();
      const display = createLiveDisplay(plan, createOutput(given));
      const waits = { status: 'waiting', holder: 'host/7', expiresInMs: 1_000 } as const;
      display.snapshot({ ...nothing, leadership: waits, waitsFor: 'waiting for host/7' }, undefined);
      const leads = { status: 'leading', token: 1 } as const;
      const effect = {
        step: 'fill',
        kind: 'fill',
        key: 'k',
        progress: null,
        failedAttempts: 1,
        aborting: false,
      };
      const effects = [{ ...effect, lastError: 'no room on the disk' }];
      const problem = 'the control store failed';
      display.snapshot({ ...nothing, leadership: leads, effects, problem, waitsFor: problem }, undefined);
      display.line('To the team: it begins');
      display.line('! leadership was lost');
      display.end();
      expect(stdout).toEqual([]);
      expect(stderr.map(stripVTControlCharacters)).toEqual([
        '! fill tries again after: no room on the disk\n',
        '! the control store failed\n',
        '! leadership was lost\n',
      ]);
    },
  );
});
