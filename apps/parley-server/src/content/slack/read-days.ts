import { textAt } from './slack-json.ts';
import type { SlackChannel } from './slack-directory.ts';
import type { SlackZip } from './slack-zip.ts';

/** The records of a conversation in the order of their times: a day at a time, so that one file is in memory. */
export async function* readDays(
  zip: SlackZip,
  channel: SlackChannel,
  note: (text: string) => void,
): AsyncGenerator<unknown[]> {
  const names = (zip.folders.get(channel.folder) ?? []).toSorted();
  for (const name of names) yield await readDay(zip, name, note);
}

/** One broken file costs its day, not the import. */
async function readDay(zip: SlackZip, name: string, note: (text: string) => void): Promise<unknown[]> {
  const entry = zip.entries.get(name);
  if (entry === undefined) return [];
  try {
    const records: unknown = JSON.parse(await zip.read(entry));
    if (Array.isArray(records)) return records.toSorted((a, b) => order(a) - order(b));
    note(`left out ${name}: it is ${typeof records}; expected a list of messages`);
  } catch (error) {
    note(`left out ${name}: ${error instanceof Error ? error.message : String(error)}`);
  }
  return [];
}

function order(record: unknown): number {
  const seconds = Number(textAt(record, 'ts') ?? 0);
  return Number.isNaN(seconds) ? 0 : seconds;
}
