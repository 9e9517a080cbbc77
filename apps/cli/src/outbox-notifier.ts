import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Notifier } from '@crossfade/engine';
import pc from 'picocolors';
import { workFolder } from './session.ts';

export const outboxFolder = join(workFolder, 'messages');

/**
 * Messages to people, for now: each one a file, named by its key so that a second delivery is the same file, and a line at the
 * terminal that says where it is.
 */
export function createOutboxNotifier(line: (text: string) => void): Notifier {
  return {
    send: (message) => {
      mkdirSync(outboxFolder, { recursive: true });
      const path = join(outboxFolder, `${message.key.replaceAll(/[^\w.-]+/g, '-')}.md`);
      writeFileSync(
        `${path}.new`,
        `To: ${message.channel}\nSubject: ${message.subject}\n\n${message.body}\n`,
      );
      renameSync(`${path}.new`, path);
      line(`${pc.magenta('✉')} To ${message.channel}: ${pc.bold(message.subject)} ${pc.dim(path)}`);
      return Promise.resolve();
    },
  };
}
