import { describe, expect, it } from 'vitest';
import type { Fault, TrialResult } from './fault.ts';
import { jobsOf, failureText, runTrials, type FinishedTrial } from './run-trials.ts';
import type { Ground } from './ground.ts';
import { tallyOf, tallyTable } from './tally.ts';

const good: TrialResult = {
  trial: 'trial-1',
  ended: 'completed',
  done: ['something'],
  acknowledged: 10,
  lost: 0,
  duplicated: 0,
  failedRequests: 0,
  problems: [],
};

function fault(name: string, trialOf: (seed: number) => Promise<TrialResult>): Fault {
  const draw: Fault['draw'] = async (_, seed) => ({
    moments: { seed },
    trial: async () => await trialOf(seed),
  });
  return { name, about: '', draw };
}

async function runAll(
  faults: readonly Fault[],
  signal = new AbortController().signal,
): Promise<readonly FinishedTrial[]> {
  const finished: FinishedTrial[] = [];
  // Nothing here stands on it.
  const ground = {} as Ground;
  await runTrials(ground, jobsOf(faults, [1, 2, 3]), {
    atATime: 2,
    signal,
    onEnd: (trial) => finished.push(trial),
  });
  return finished;
}

describe('a soak', () => {
  it('tries every fault with every seed and counts what came of it', async () => {
    const trials = await runAll([
      fault('fine', () => Promise.resolve(good)),
      fault('taken-back', () => Promise.resolve({ ...good, ended: 'rolled back' })),
      fault('loses', (seed) =>
        Promise.resolve(
          seed === 2 ? { ...good, lost: 1, failedRequests: 3, problems: ['1 message missing'] } : good,
        ),
      ),
      fault('stumbles', () => Promise.reject(new Error('no server'))),
    ]);
    expect(tallyOf('fine', trials)).toMatchObject({
      runs: 3,
      completed: 3,
      acknowledged: 30,
      failedSeeds: [],
    });
    expect(tallyOf('taken-back', trials)).toMatchObject({ completed: 0, rolledBack: 3, failedSeeds: [] });
    expect(tallyOf('loses', trials)).toMatchObject({
      completed: 3,
      lost: 1,
      failedRequests: 3,
      failedSeeds: [2],
    });
    expect(tallyOf('stumbles', trials)).toMatchObject({ runs: 3, completed: 0, failedSeeds: [1, 2, 3] });
    const table = tallyTable(['fine', 'loses'].map((name) => tallyOf(name, trials)));
    expect(table.at(-1)).toMatch(/^all +6 +6 +0 +1 +0 +3 +1$/);
    expect(new Set(table.map((line) => line.length))).toEqual(new Set([80]));
  });

  it('begins nothing any more once it is interrupted', async () => {
    const stop = new AbortController();
    let begun = 0;
    const trials = await runAll(
      [
        fault('interrupted', () => {
          begun += 1;
          stop.abort();
          return Promise.resolve(good);
        }),
      ],
      stop.signal,
    );
    expect(trials).toEqual([]);
    expect(begun).toBeLessThan(3);
  });

  it('says of a failed one what was done to it, how to repeat it, and how to keep it', async () => {
    const failed = { ...good, done: ['one', 'two'], problems: ['1 message missing', 'a session left'] };
    const [trial] = await runAll([fault('loses', () => Promise.resolve(failed))]);
    expect(trial && failureText(trial).split('\n')).toEqual([
      'loses, seed 1: 1 message missing; a session left',
      '  What was done (trial-1): one; two',
      '  Again: npm run soak -- --fault loses --seed 1',
      '  To keep: loses at {"seed":1}',
    ]);
  });

  it('says how to repeat one that did not begin', async () => {
    const [trial] = await runAll([fault('stumbles', () => Promise.reject(new Error('no server')))]);
    expect(trial && failureText(trial)).toMatch(
      /^stumbles, seed 1: Error: no server[^]*Again: npm run soak -- --fault stumbles --seed 1/,
    );
  });
});
