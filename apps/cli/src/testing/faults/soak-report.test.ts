import { describe, expect, it } from 'vitest';
import type { Fault, TrialResult } from './fault.ts';
import { soakJson, soakLines } from './soak-report.ts';

const fault: Fault = { name: 'loses', about: '', draw: () => Promise.reject(new Error('not tried here')) };
const result: TrialResult = {
  trial: 'trial-1',
  ended: 'completed',
  done: ['Parley killed'],
  acknowledged: 10,
  lost: 1,
  duplicated: 0,
  failedRequests: 2,
  problems: ['1 message missing'],
};
const outcome = {
  faults: ['loses'],
  notRunHere: new Map([['disk-full', 'needs root']]),
  trials: [{ fault, seed: 3, moments: [7], result, tookMs: 1 }],
  planned: 2,
  interrupted: true,
};

describe('what a soak tells', () => {
  it('people: a table, what was not tried and why, and how to repeat what failed', () => {
    expect(soakLines(outcome, '/tmp/logs').slice(4)).toEqual([
      'disk-full: not run here: needs root',
      '',
      '10 messages were acknowledged to people and looked for in the database:',
      '1 lost or changed, 0 doubled.',
      'Interrupted after 1 of 2 runs.',
      '1 of 1 runs failed. Each again, alone:',
      '  npm run soak -- --fault loses --seed 3',
      'The logs of all runs are in /tmp/logs',
    ]);
    expect(soakLines({ ...outcome, trials: [], interrupted: false }, '/tmp/logs').at(-1)).toBe(
      'No run failed, of 0.',
    );
  });

  it('scripts: the same as one document', () => {
    expect(soakJson(outcome)).toEqual({
      planned: 2,
      interrupted: true,
      faults: [
        expect.objectContaining({ fault: 'loses', runs: 1, lost: 1, failedRequests: 2, failedSeeds: [3] }),
      ],
      notRunHere: { 'disk-full': 'needs root' },
      trials: [
        {
          fault: 'loses',
          seed: 3,
          moments: [7],
          trial: 'trial-1',
          ended: 'completed',
          done: ['Parley killed'],
          failedRequests: 2,
          tookMs: 1,
        },
      ],
      failures: [
        {
          fault: 'loses',
          seed: 3,
          problems: ['1 message missing'],
          repeat: 'npm run soak -- --fault loses --seed 3',
        },
      ],
    });
  });
});
