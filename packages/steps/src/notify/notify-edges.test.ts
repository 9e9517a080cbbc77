import { expect, it } from 'vitest';
import { StepWorld } from '../testing/step-world.ts';
import { notifyStep } from './definition.ts';

const config = notifyStep.configSchema.parse({ channel: 'team', subject: 'Hello', message: 'messages/a.md' });

it('names the file that the plan does not have, and sends nothing', async () => {
  const world = new StepWorld({ files: {} });
  const effect = { key: 'k', kind: 'send', input: null, config };
  await expect(notifyStep.perform(effect, world.context())).rejects.toThrow(
    'the plan has no file messages/a.md',
  );
  expect(world.notifier.received).toEqual([]);
});

it('finds a message of nothing before it is sent, and leaves a missing one to its reference', () => {
  expect(notifyStep.lint(config, { 'messages/a.md': ' \n' })).toEqual([
    'messages/a.md: is empty: expected the text of the message',
  ]);
  expect(notifyStep.lint(config, { 'messages/a.md': 'Hello.' })).toEqual([]);
  expect(notifyStep.lint(config, {})).toEqual([]);
});
