import type { ClientBase } from 'pg';
import type { MessageRow } from '../content-rows.ts';
import { plainLine } from '../../plain-line.ts';
import { ImportTally } from '../import-summary.ts';
import type { ImportSummary } from '../import-summary.ts';
import { insertConversations } from '../insert-conversations.ts';
import { insertMessages, MESSAGES_PER_BATCH } from '../insert-messages.ts';
import { insertPeople } from '../insert-people.ts';
import { ensureSchema } from '../install-schema.ts';
import { markMostlyRead } from '../mark-mostly-read.ts';
import { createPauses } from './create-pauses.ts';
import { EXPORT_LIMITS, type ExportLimits } from './export-limits.ts';
import { readDays } from './read-days.ts';
import { readDirectory } from './read-directory.ts';
import type { SlackDirectory } from './read-directory.ts';
import { personRow } from './slack-directory.ts';
import type { SlackChannel } from './slack-directory.ts';
import { type ReadMessage, readMessage } from './slack-message.ts';
import { openSlackZip } from './slack-zip.ts';
import type { SlackZip } from './slack-zip.ts';

export type SlackImport = {
  /** The path of the export's zip file. */
  file: string;
  /** A connection of its own: the import runs transactions on it. */
  client: ClientBase;
  onProgress?: (line: string) => void;
  /** Ends the import between two batches, or in the middle of reading; running it again completes it. */
  signal?: AbortSignal;
  messagesPerBatch?: number;
  limits?: ExportLimits;
};

type Work = Required<Omit<SlackImport, 'file' | 'signal'>> & {
  signal: AbortSignal | undefined;
  /** To be awaited for each record. */
  pause: () => Promise<void>;
  zip: SlackZip;
  tally: ImportTally;
  directory: SlackDirectory;
  /** Tells of what was left out or made up, now and in the summary. */
  note: (text: string) => void;
};

/** A batch also ends when its texts are so long: what it needs in memory is a multiple of this. */
const CHARACTERS_PER_BATCH = 4_000_000;
const LONGEST_LINE = 400;

/**
 * What waits to be stored; `strangers` wrote some of it and are missing in users.json. `seenToday` are the names of the
 * messages of the day file that is being read: what comes twice in other ways is found to be stored already.
 */
type Batch = {
  channel: SlackChannel;
  rows: MessageRow[];
  characters: number;
  strangers: Set<string>;
  seenToday: Set<string>;
};

/**
 * Brings a Slack export into Parley: people, conversations, and messages with their threads, in the order of their
 * times. Each message is stored once, however often the export is imported or an import is cut short.
 * Throws when the file is no zip, no export, or made to exhaust memory; leaves out and counts what is broken inside.
 */
export async function importSlackExport(options: SlackImport): Promise<ImportSummary> {
  const { client, signal, messagesPerBatch = MESSAGES_PER_BATCH, limits = EXPORT_LIMITS } = options;
  // Names in it come out of a file.
  const onProgress = (line: string): void => options.onProgress?.(plainLine(line, LONGEST_LINE));
  const tally = new ImportTally();
  const zip = await openSlackZip(options.file, limits);
  try {
    for (const name of zip.unsafeNames) note(`left out ${JSON.stringify(name)}: its name is unsafe`);
    for (const name of zip.repeatedNames)
      note(`left out another ${name}: the zip has this name more than once`);
    const directory = await readDirectory(zip, options.file, note, { signal, limits });
    await ensureSchema(client);
    const newPeople = await insertPeople(client, directory.people, signal);
    const newChannels = await insertConversations(
      client,
      directory.channels.map((channel) => channel.row),
    );
    tally.people = directory.people.length;
    tally.conversations = directory.channels.length;
    onProgress(
      `${tally.people} people (${newPeople} new), ${tally.conversations} conversations (${newChannels} new)`,
    );
    const pause = createPauses(signal);
    const made = { zip, tally, directory, note, pause };
    const work: Work = { client, onProgress, signal, messagesPerBatch, limits, ...made };
    for (const channel of directory.channels) await importChannel(work, channel);
    return tally.summary();
  } finally {
    zip.close();
  }

  function note(text: string): void {
    const line = tally.note(text);
    if (line !== undefined) onProgress(line);
  }
}

async function importChannel(work: Work, channel: SlackChannel): Promise<void> {
  work.signal?.throwIfAborted();
  const before = { messages: work.tally.messages, inserted: work.tally.inserted };
  const batch: Batch = { channel, rows: [], characters: 0, strangers: new Set(), seenToday: new Set() };
  const keep = (record: unknown): ReadMessage => readMessage(record, channel.slackId, work.directory);
  for await (const day of readDays({ ...work, keep }, channel)) {
    // A day may hold nothing to store: then no batch would notice.
    work.signal?.throwIfAborted();
    batch.seenToday.clear();
    for (const read of day) {
      await work.pause();
      gather(work, batch, read);
      const isFull = batch.rows.length >= work.messagesPerBatch || batch.characters >= CHARACTERS_PER_BATCH;
      if (isFull) await storeBatch(work, batch);
    }
  }
  await storeBatch(work, batch);
  await markMostlyRead(work.client, channel.row.id);
  const { messages, inserted } = work.tally;
  work.onProgress(
    `${channel.folders[0]}: ${messages - before.messages} messages, ${inserted - before.inserted} new`,
  );
}

function gather(work: Work, batch: Batch, read: ReadMessage): void {
  if ('skip' in read) {
    work.tally.skip(read.skip);
    return;
  }
  if (batch.seenToday.has(read.row.externalId)) {
    work.tally.skip('repeated_ts');
    return;
  }
  batch.seenToday.add(read.row.externalId);
  if (!work.directory.personNames.has(read.slackUserId)) batch.strangers.add(read.slackUserId);
  batch.rows.push(read.row);
  batch.characters += read.row.body.length;
}

async function storeBatch(work: Work, batch: Batch): Promise<void> {
  if (batch.rows.length === 0) return;
  work.signal?.throwIfAborted();
  await insertStrangers(work, batch.strangers);
  work.tally.inserted += await insertMessages(work.client, batch.channel.row.id, batch.rows);
  work.tally.messages += batch.rows.length;
  batch.rows = [];
  batch.characters = 0;
  work.onProgress(`${batch.channel.folders[0]}: ${work.tally.messages} messages so far`);
}

/** Who wrote is kept, also when users.json does not list them. */
async function insertStrangers(work: Work, strangers: Set<string>): Promise<void> {
  if (strangers.size === 0) return;
  await insertPeople(
    work.client,
    [...strangers].map((id) => personRow(id)),
  );
  for (const id of strangers) {
    work.directory.personNames.set(id, id);
    work.tally.people += 1;
    work.note(`made a placeholder for ${JSON.stringify(id)}, who is not in users.json`);
  }
  strangers.clear();
}
