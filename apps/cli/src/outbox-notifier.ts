import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Notifier } from '@crossfade/engine';
import pc from 'picocolors';
import { workFolder } from './session.ts';

const outboxFolder = join(workFolder, 'messages');

/**
 * Messages to people, for now: each one a file, named by its key so that a second delivery is the same file, and a line at the
 * terminal that says where it is.
 */
export function createOutboxNotifier(line: (text: string) => void): Notifier {
  return {
    send: (message) => {
      mkdirSync(outboxFolder, { recursive: true });
      const path = join(outboxFolder, fileName(message.key));
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

/** `1f8226e6-announce-forward-1.md` for the key `1f8226e6-31fd-…/announce/forward/1`: short, and still its own. */
function fileName(key: string): string {
  const [run = '', ...rest] = key.split('/');
  return `${[run.slice(0, 8), ...rest].join('-').replaceAll(/[^\w.-]+/g, '-')}.md`;
}
