import { describe, expect, it } from 'vitest';
import { concluding } from './concluding.ts';
import { nobody, type TrialResult } from './fault.ts';
import type { Scene } from './scene.ts';

const good: TrialResult = { trial: 'trial-1', ended: 'completed', done: [], problems: [], ...nobody };

/** As much of a scene as is needed to bring a trial to its end. */
function scene(clear: Scene['clear']): { readonly scene: Scene; readonly removed: () => boolean } {
  let isRemoved = false;
  const parts = { trial: 'trial-1', done: ['something'], clear, removeFolder: () => (isRemoved = true) };
  return { scene: parts as unknown as Scene, removed: () => isRemoved };
}

describe('the end of a trial', () => {
  it('removes its folder when it has passed', async () => {
    const { scene: cleared, removed } = scene(() => Promise.resolve([]));
    expect(await concluding(cleared, () => Promise.resolve(good))).toEqual(good);
    expect(removed()).toBe(true);
  });

  it('tells what was done to one that stumbled, and keeps its folder', async () => {
    const { scene: cleared, removed } = scene(() => Promise.resolve(['left behind: a session']));
    const result = await concluding(cleared, () => Promise.reject(new Error('no server')));
    expect(result).toMatchObject({ trial: 'trial-1', ended: 'stumbled', done: ['something'] });
    expect(result.problems).toEqual([expect.stringContaining('no server'), 'left behind: a session']);
    expect(removed()).toBe(false);
  });

  it('counts what goes wrong at the very end', async () => {
    const { scene: stuck, removed } = scene(() => Promise.reject(new Error('the disk is full')));
    const { problems } = await concluding(stuck, () => Promise.resolve(good));
    expect(problems).toEqual([expect.stringContaining('it could not be cleared: Error: the disk is full')]);
    expect(removed()).toBe(false);
  });
});
