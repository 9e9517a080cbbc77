import { TerminalError, type StepType } from '@crossfade/engine';
import { z } from 'zod';

const notifyConfigSchema = z.strictObject({
  channel: z.enum(['team', 'users']).meta({ description: 'Who reads it.' }),
  subject: z.string().min(1).max(200),
  message: z
    .string()
    .min(1)
    .meta({
      description: 'Markdown file of the plan with the text.',
      examples: ['messages/team-training.md'],
    }),
});
type NotifyConfig = z.output<typeof notifyConfigSchema>;

export const notifyStep: StepType<NotifyConfig> = {
  type: 'notify',
  about:
    'Sends a message to people. It is delivered at least once, under a key by which a receiver can drop a second copy. ' +
    'A message cannot be taken back.',
  configSchema: notifyConfigSchema,
  reversibility: 'nothing-to-undo',
  describe: ({ channel, subject }) => `Tells the ${channel}: ${subject}`,
  references: ({ message }) => ({ files: [message], gates: [], flags: [], groups: [], parameters: [] }),
  lint: ({ message }, files) =>
    files[message]?.trim() === '' ? [`${message}: is empty: expected the text of the message`] : [],
  watches: () => [],
  forward({ config, outcome }) {
    if (!outcome) {
      return { move: 'effect', kind: 'send', input: null, data: null, note: `tells the ${config.channel}` };
    }
    if (outcome.status === 'failed') return { move: 'fail', reason: outcome.error };
    return { move: 'done', summary: `told the ${config.channel}: ${config.subject}`, facts: {} };
  },
  undo: () => ({ move: 'done', summary: 'nothing to take back', facts: {} }),
  async perform({ key, kind, config }, { notifier, files }) {
    if (kind !== 'send') throw new TerminalError(`notify has no effect ${kind}`);
    const body = files[config.message];
    if (body === undefined) throw new TerminalError(`the plan has no file ${config.message}`);
    await notifier.send({ key, channel: config.channel, subject: config.subject, body });
    return null;
  },
};
