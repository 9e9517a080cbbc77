import { describe, expect, it } from 'vitest';
import { driveStep } from '../testing/drive-step.ts';
import { exerciseStep } from '../testing/exercise-step.ts';
import { StepWorld } from '../testing/step-world.ts';
import { notifyStep } from './definition.ts';

const settings = { channel: 'team', subject: 'Training', message: 'messages/training.md' };
const config = notifyStep.configSchema.parse(settings);
const files = { 'messages/training.md': '# Training\n\nWhat you should know.' };

describe('notify', () => {
  it('reaches a receiver that honours keys once, however often it is sent', async () => {
    await exerciseStep({
      type: notifyStep,
      settings,
      createWorld: () => new StepWorld({ files }),
      snapshot: () => Promise.resolve('a message cannot be taken back'),
      verifyDone: (end, world) => {
        expect(end.summary).toBe('told the team: Training');
        expect(world.notifier.received.filter(({ key }) => key.startsWith(`${world.runId}/`))).toEqual([
          {
            key: `${world.runId}/step/forward/1`,
            channel: 'team',
            subject: 'Training',
            body: '# Training\n\nWhat you should know.',
          },
        ]);
        return Promise.resolve();
      },
    });
  });

  it('fails when the notifier cannot send', async () => {
    const world = new StepWorld({ files });
    world.notifier.send = () => Promise.reject(new Error('the mail server refused'));
    expect(await driveStep(notifyStep, config, world, { direction: 'forward', fate: 'once' })).toMatchObject({
      end: 'failed',
      reason: 'the mail server refused',
    });
  });

  it('does not send an empty message', () => {
    expect(notifyStep.lint(config, { 'messages/training.md': ' \n' })).toEqual([
      'messages/training.md: is empty: expected the text of the message',
    ]);
    expect(notifyStep.references(config).files).toEqual(['messages/training.md']);
  });
});
