import type { Entry } from 'yauzl';
import { EXPORT_LIMITS, type ExportLimits } from './export-limits.ts';
import { jsonRecords, kindOfJson } from './json-records.ts';
import { textAt } from './slack-json.ts';
import type { SlackChannel } from './slack-directory.ts';
import { folderKey, type SlackZip } from './slack-zip.ts';

/** 2026-01-31.json */
const DATE_LENGTH = 15;

export type DayReading<Kept> = {
  zip: SlackZip;
  /** Told what was left out. */
  note: (text: string) => void;
  /** What is kept of a record. As it stands in its file, one may need any amount of memory. */
  keep: (record: unknown) => Kept;
  /** Awaited for each record. */
  pause: () => Promise<void>;
  signal?: AbortSignal | undefined;
  limits?: Pick<ExportLimits, 'entryBytes' | 'messagesADay'>;
};

/**
 * A conversation's records in the order of their times: a day at a time, so that no more is in memory. A conversation with
 * several folders may have several files for a day.
 */
export async function* readDays<Kept>(
  reading: DayReading<Kept>,
  channel: Pick<SlackChannel, 'folders'>,
): AsyncGenerator<Kept[]> {
  for (const names of filesByDay(reading.zip, channel.folders)) yield await readDay(reading, names);
}

/** The paths of day files, those of one day together, in the order of the days. */
function filesByDay(zip: SlackZip, folders: readonly string[]): string[][] {
  const names = folders.flatMap((folder) => zip.folders.get(folderKey(folder)) ?? []);
  const days = [...Map.groupBy(names, (name) => name.slice(-DATE_LENGTH))];
  return days.toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([, files]) => files);
}

type Timed<Kept> = { kept: Kept; seconds: number };

async function readDay<Kept>(reading: DayReading<Kept>, names: readonly string[]): Promise<Kept[]> {
  const { limits = EXPORT_LIMITS, note } = reading;
  const timed: Timed<Kept>[] = [];
  let bytes = 0;
  for (const name of names) {
    const entry = reading.zip.entries.get(name);
    if (entry === undefined) continue;
    bytes += entry.uncompressedSize;
    if (bytes <= limits.entryBytes) {
      const more = await readFile(reading, name, entry, limits.messagesADay - timed.length);
      for (const each of more) timed.push(each);
      continue;
    }
    note(
      `left out ${name}: with it, the files of this day unpack to ${bytes} bytes; expected at most ${limits.entryBytes}`,
    );
    bytes -= entry.uncompressedSize;
  }
  return timed.toSorted((a, b) => a.seconds - b.seconds).map(({ kept }) => kept);
}

/** One broken file costs its day, not the import: which ends when the disk or the network does not give us the file. */
async function readFile<Kept>(
  reading: DayReading<Kept>,
  name: string,
  entry: Entry,
  mostMessages: number,
): Promise<Timed<Kept>[]> {
  try {
    return await readMessages(reading, entry, mostMessages);
  } catch (error) {
    reading.signal?.throwIfAborted();
    if (isOfTheMachine(error)) throw new Error(`${name} cannot be read: ${error.message}`, { cause: error });
    reading.note(`left out ${name}: ${error instanceof Error ? error.message : String(error)}`);
    return [];
  }
}

async function readMessages<Kept>(
  { zip, keep, pause }: DayReading<Kept>,
  entry: Entry,
  mostMessages: number,
): Promise<Timed<Kept>[]> {
  const text = await zip.read(entry, mostMessages);
  const kind = kindOfJson(text);
  if (kind !== 'list') throw new Error(`it is ${kind}; expected a list of messages`);
  const timed: Timed<Kept>[] = [];
  for (const record of jsonRecords(text)) {
    await pause();
    timed.push({ kept: keep(record), seconds: secondsOf(record) });
  }
  return timed;
}

const isOfTheMachine = (error: unknown): error is NodeJS.ErrnoException =>
  error instanceof Error && 'syscall' in error;

function secondsOf(record: unknown): number {
  const seconds = Number(textAt(record, 'ts') ?? 0);
  return Number.isNaN(seconds) ? 0 : seconds;
}
