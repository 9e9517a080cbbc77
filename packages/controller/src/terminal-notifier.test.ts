import { expect, test } from 'vitest';
import { createTerminalNotifier } from './terminal-notifier.ts';

test('a message is written once, however often it is sent', async () => {
  const written: string[] = [];
  const notifier = createTerminalNotifier((text) => written.push(text));
  const message = {
    key: 'run-1/announce/forward/1',
    channel: 'team',
    subject: 'It begins',
    body: '\nHello.\n\n',
  };
  await notifier.send(message);
  await notifier.send(message);
  await notifier.send({ ...message, key: 'run-1/end/forward/1', subject: 'It ends' });
  expect(written).toEqual(['To team: It begins\n\nHello.\n', 'To team: It ends\n\nHello.\n']);
});
