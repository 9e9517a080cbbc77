import type { ClientBase } from 'pg';
import type { MessageRow } from '../content-rows.ts';
import { ImportTally } from '../import-summary.ts';
import type { ImportSummary } from '../import-summary.ts';
import { insertConversations } from '../insert-conversations.ts';
import { insertMessages, MESSAGES_PER_BATCH } from '../insert-messages.ts';
import { insertPeople } from '../insert-people.ts';
import { ensureSchema } from '../install-schema.ts';
import { markMostlyRead } from '../mark-mostly-read.ts';
import { readDays } from './read-days.ts';
import { readDirectory } from './read-directory.ts';
import type { SlackDirectory } from './read-directory.ts';
import { personRow } from './slack-directory.ts';
import type { SlackChannel } from './slack-directory.ts';
import { readMessage } from './slack-message.ts';
import { openSlackZip, ZIP_LIMITS } from './slack-zip.ts';
import type { SlackZip, ZipLimits } from './slack-zip.ts';

export type SlackImport = {
  /** The path of the export's zip file. */
  file: string;
  /** A connection of its own: the import runs transactions on it. */
  client: ClientBase;
  onProgress?: (line: string) => void;
  /** Ends the import between two batches; running it again completes it. */
  signal?: AbortSignal;
  messagesPerBatch?: number;
  limits?: ZipLimits;
};

type Work = Required<Omit<SlackImport, 'file' | 'limits' | 'signal'>> & {
  signal: AbortSignal | undefined;
  zip: SlackZip;
  tally: ImportTally;
  directory: SlackDirectory;
};

/** What waits to be stored; `strangers` wrote some of it and are missing in users.json. */
type Batch = { channel: SlackChannel; rows: MessageRow[]; strangers: Set<string> };

/**
 * Brings a Slack export into Parley: people, conversations, and messages with their threads, in the order of their
 * times. Each message is stored once, however often the export is imported or an import is cut short.
 * Throws when the file is no zip, no export, or made to exhaust memory; leaves out and counts what is broken inside.
 */
export async function importSlackExport(options: SlackImport): Promise<ImportSummary> {
  const { client, onProgress = () => {}, signal, messagesPerBatch = MESSAGES_PER_BATCH } = options;
  const tally = new ImportTally();
  const zip = await openSlackZip(options.file, options.limits ?? ZIP_LIMITS);
  try {
    for (const name of zip.unsafeNames) note(`ignored the entry ${JSON.stringify(name)}: its name is unsafe`);
    const directory = await readDirectory(zip, options.file, note);
    await ensureSchema(client);
    const newPeople = await insertPeople(client, directory.people);
    const newChannels = await insertConversations(
      client,
      directory.channels.map((channel) => channel.row),
    );
    tally.people = directory.people.length;
    tally.conversations = directory.channels.length;
    onProgress(
      `${tally.people} people (${newPeople} new), ${tally.conversations} conversations (${newChannels} new)`,
    );
    const work: Work = { client, onProgress, signal, messagesPerBatch, zip, tally, directory };
    for (const channel of directory.channels) await importChannel(work, channel);
    return tally.summary();
  } finally {
    zip.close();
  }

  function note(text: string): void {
    tally.note(text);
    onProgress(text);
  }
}

async function importChannel(work: Work, channel: SlackChannel): Promise<void> {
  const before = { messages: work.tally.messages, inserted: work.tally.inserted };
  const batch: Batch = { channel, rows: [], strangers: new Set() };
  for await (const day of readDays(work.zip, channel, (text) => noteBoth(work, text))) {
    for (const record of day) {
      gather(work, batch, record);
      if (batch.rows.length >= work.messagesPerBatch) await storeBatch(work, batch);
    }
  }
  await storeBatch(work, batch);
  await markMostlyRead(work.client, channel.row.id);
  const { messages, inserted } = work.tally;
  work.onProgress(
    `${channel.folder}: ${messages - before.messages} messages, ${inserted - before.inserted} new`,
  );
}

function gather(work: Work, batch: Batch, record: unknown): void {
  const read = readMessage(record, batch.channel.slackId, work.directory);
  if ('skip' in read) {
    work.tally.skip(read.skip);
    return;
  }
  if (!work.directory.personNames.has(read.slackUserId)) batch.strangers.add(read.slackUserId);
  batch.rows.push(read.row);
}

async function storeBatch(work: Work, batch: Batch): Promise<void> {
  if (batch.rows.length === 0) return;
  work.signal?.throwIfAborted();
  await insertStrangers(work, batch.strangers);
  work.tally.inserted += await insertMessages(work.client, batch.channel.row.id, batch.rows);
  work.tally.messages += batch.rows.length;
  batch.rows = [];
  work.onProgress(`${batch.channel.folder}: ${work.tally.messages} messages so far`);
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
    noteBoth(work, `made a placeholder for ${JSON.stringify(id)}, who is not in users.json`);
  }
  strangers.clear();
}

function noteBoth(work: Work, text: string): void {
  work.tally.note(text);
  work.onProgress(text);
}
