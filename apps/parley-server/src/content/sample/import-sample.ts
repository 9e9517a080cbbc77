import type { ClientBase } from 'pg';
import { chunksOf } from '../content-rows.ts';
import { ImportTally } from '../import-summary.ts';
import type { ImportSummary } from '../import-summary.ts';
import { insertConversations } from '../insert-conversations.ts';
import { insertMessages, MESSAGES_PER_BATCH } from '../insert-messages.ts';
import { insertPeople } from '../insert-people.ts';
import { ensureSchema } from '../install-schema.ts';
import { markMostlyRead } from '../mark-mostly-read.ts';
import { generateSample } from './generate-sample.ts';
import type { SampleSize } from './generate-sample.ts';
import { keepSize, refuseOtherSize } from './sample-size.ts';

export type SampleImport = SampleSize & {
  /** A connection of its own: the import runs transactions on it. */
  client: ClientBase;
  onProgress?: (line: string) => void;
  /** Ends the import between two batches; running it again completes it. */
  signal?: AbortSignal;
  messagesPerBatch?: number;
  /** The sample ends with the last full week before this moment. */
  nowMs?: number;
};

/**
 * Fills Parley with an invented company's talk. What is stored is met again: a second run with the same seed adds
 * nothing, one that was cut short is completed. Throws when the database has that seed's sample in another size.
 */
export async function importSample(options: SampleImport): Promise<ImportSummary> {
  const { client, onProgress = () => {}, signal, messagesPerBatch = MESSAGES_PER_BATCH } = options;
  const tally = new ImportTally();
  await ensureSchema(client);
  const sample = generateSample(options, options.nowMs ?? Date.now());
  const first = sample.people[0]?.id ?? '';
  await refuseOtherSize(client, first, options);
  await insertPeople(client, sample.people);
  await keepSize(client, first, options);
  await insertConversations(client, sample.conversations);
  tally.people = sample.people.length;
  tally.conversations = sample.conversations.length;
  onProgress(`${tally.people} people, ${tally.conversations} conversations`);
  for (const { id, title } of sample.conversations) {
    for (const batch of chunksOf(sample.messagesOf(id), messagesPerBatch)) {
      signal?.throwIfAborted();
      tally.inserted += await insertMessages(client, id, batch);
      tally.messages += batch.length;
    }
    await markMostlyRead(client, id);
    if (title !== '') onProgress(`${title}: ${tally.messages} messages so far`);
  }
  return tally.summary();
}
