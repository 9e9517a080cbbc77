import { describe, expect, it } from 'vitest';
import { driveStep } from '../testing/drive-step.ts';
import { exerciseStep } from '../testing/exercise-step.ts';
import { StepWorld } from '../testing/step-world.ts';
import { warmStep } from './definition.ts';

const settings = {
  parameter: 'cache_share',
  start: 10,
  increment: 30,
  every: '1d',
  target: 90,
  hit_rate: { metric: 'lookups', hit: { result: 'hit' }, of: { result: ['hit', 'miss'] } },
  target_hit_rate: 90,
};
const config = warmStep.configSchema.parse(settings);

function createWorld(lookups: Record<string, number> = { hit: 920, miss: 80, bypass: 1_000 }): StepWorld {
  const world = new StepWorld({ speed: 86_400 });
  for (const [result, growth] of Object.entries(lookups)) {
    world.metrics.counters.set(`lookups{result=${result}}`, growth);
  }
  world.parameters = { cache_share: 0 };
  return world;
}
const forward = async (world: StepWorld) =>
  await driveStep(warmStep, config, world, { direction: 'forward', fate: 'once' });

describe('warm', () => {
  it('raises the parameter and puts it back, whatever happens in between', async () => {
    await exerciseStep({
      type: warmStep,
      settings,
      createWorld,
      snapshot: (world) => Promise.resolve(world.parameters),
      verifyDone: (end, world) => {
        expect(world.parameters).toEqual({ cache_share: 90 });
        expect(end.summary).toBe(
          'cache_share at 90; 92 % of 1,000 lookups that may be cached were hits (46 % of all), as wanted (90 %)',
        );
        expect(end.facts).toMatchObject({ hitRatePercent: 92, ofAllPercent: 46, lookups: 1_000 });
        return Promise.resolve();
      },
    });
  });

  it('takes one step a day of plan time, and measures only at the target', async () => {
    const world = createWorld();
    const raisedAtDay: Record<string, number> = {};
    await driveStep(warmStep, config, world, {
      direction: 'forward',
      fate: 'once',
      onMove: (move) => {
        if (move.move !== 'progress') return;
        for (const change of move.changes) {
          if (change.change === 'parameter')
            raisedAtDay[change.value] = Math.round(world.planNowMs / 86_400_000);
        }
      },
    });
    expect(raisedAtDay).toEqual({ 10: 0, 40: 1, 70: 2, 90: 3 });
  });

  it('does not make up for lost steps all at once', () => {
    const world = createWorld();
    const first = warmStep.forward(world.view(config, null, null));
    world.planNowMs += 10 * 86_400_000;
    const late = warmStep.forward(world.view(config, first.move === 'progress' ? first.data : null, null));
    expect(late).toMatchObject({ move: 'progress', data: { value: 40, raisedAtPlanMs: world.planNowMs } });
  });

  it('says it when the hit rate is under the target, and goes on', async () => {
    const end = await forward(createWorld({ hit: 50, miss: 50 }));
    expect(end).toMatchObject({ end: 'done', summary: expect.stringContaining('50 % of 100 lookups') });
    expect(end).toMatchObject({ summary: expect.stringContaining('under the 90 % wanted') });
  });

  it('measures again when it saw nothing, and in the end says that it does not know', async () => {
    const world = createWorld({});
    const before = world.nowMs;
    expect(await forward(world)).toMatchObject({
      end: 'done',
      summary: 'cache_share at 90; the hit rate is unknown: no lookups were seen',
      facts: { hitRatePercent: null },
    });
    expect(world.nowMs - before).toBeGreaterThanOrEqual(30_000);
  });

  it('refuses a target below the start', () => {
    expect(warmStep.configSchema.safeParse({ ...settings, target: 5 }).success).toBe(false);
  });
});
