import type { Notifier } from '@crossfade/engine';

/** Writes messages where people watch. Delivery is at least once: within this process, the second of a key is dropped. */
export function createTerminalNotifier(write: (text: string) => void): Notifier {
  const sent = new Set<string>();
  return {
    send: async ({ key, channel, subject, body }) => {
      if (sent.has(key)) return;
      write(`To ${channel}: ${subject}\n\n${body.trim()}\n`);
      sent.add(key);
    },
  };
}
