import { TerminalError, type StepType } from '@crossfade/engine';
import { describeDurationMs, describeOffset, durationSchema } from '@crossfade/plan';
import { z } from 'zod';

const waitConfigSchema = z.strictObject({
  for: durationSchema.meta({ description: 'How long, in plan time.', examples: ['2d'] }),
});
type WaitConfig = z.output<typeof waitConfigSchema>;

const waitStateSchema = z.object({ untilPlanMs: z.number() });

export const waitStep: StepType<WaitConfig> = {
  type: 'wait',
  about: 'Lets plan time pass, counted from when the step began.',
  configSchema: waitConfigSchema,
  reversibility: 'nothing-to-undo',
  describe: (config) => `Waits ${describeDurationMs(config.for)} of plan time.`,
  references: () => ({ files: [], gates: [], flags: [], groups: [], parameters: [] }),
  lint: () => [],
  watches: () => [],
  forward({ config, data, planNowMs, waitIsWaived }) {
    if (data === null) {
      const untilPlanMs = planNowMs + config.for;
      return {
        move: 'progress',
        data: { untilPlanMs },
        note: `waits until ${describeOffset(untilPlanMs)}`,
        changes: [],
      };
    }
    const { untilPlanMs } = waitStateSchema.parse(data);
    if (planNowMs >= untilPlanMs) {
      return { move: 'done', summary: `waited ${describeDurationMs(config.for)} of plan time`, facts: {} };
    }
    if (waitIsWaived) {
      const leftMs = Math.max(1, Math.round(untilPlanMs - planNowMs));
      return {
        move: 'done',
        summary: `an operator waived the last ${describeDurationMs(leftMs)} of ${describeDurationMs(config.for)}`,
        facts: {},
      };
    }
    return { move: 'wait', reason: `waits until ${describeOffset(untilPlanMs)}`, untilMs: null, untilPlanMs };
  },
  undo: () => ({ move: 'done', summary: 'nothing to take back', facts: {} }),
  perform: ({ kind }) => Promise.reject(new TerminalError(`wait has no effect ${kind}`)),
};
