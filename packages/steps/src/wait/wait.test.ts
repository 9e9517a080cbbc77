import { describe, expect, it } from 'vitest';
import { exerciseStep } from '../testing/exercise-step.ts';
import { StepWorld } from '../testing/step-world.ts';
import { waitStep } from './definition.ts';

describe('wait', () => {
  it('lets plan time pass, not real time', async () => {
    await exerciseStep({
      type: waitStep,
      settings: { for: '2d' },
      createWorld: () => new StepWorld({ speed: 86_400 }),
      snapshot: () => Promise.resolve(null),
      verifyDone: (end, world) => {
        expect(end.summary).toBe('waited 2 d of plan time');
        expect(world.planNowMs % (2 * 86_400_000)).toBeLessThan(86_400);
        expect(world.planNowMs).toBeGreaterThan(0);
        return Promise.resolve();
      },
    });
  });
});
