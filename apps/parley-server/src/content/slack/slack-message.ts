import type { MessageRow } from '../content-rows.ts';
import { stableId } from '../stable-id.ts';
import { personId } from './slack-directory.ts';
import { isObject, isSlackId, textAt } from './slack-json.ts';
import type { JsonObject } from './slack-json.ts';
import { readableText } from './slack-text.ts';
import type { Names } from './slack-text.ts';

export const LONGEST_MESSAGE = 64_000;

/** As far as clocks and zones may differ. */
const ONE_DAY_S = 86_400;

/** What people said; any other subtype is Slack itself talking (somebody joined, a topic was set …). */
const SAID_BY_PEOPLE = new Set([
  'thread_broadcast',
  'reply_broadcast',
  'me_message',
  'file_share',
  'bot_message',
]);

export type ReadMessage = { skip: string } | { row: MessageRow; slackUserId: string };

/** One record of a day file as a row of ours, or the reason why it is none. */
export function readMessage(
  record: unknown,
  channelId: string,
  names: Names,
  nowMs = Date.now(),
): ReadMessage {
  if (!isObject(record)) return { skip: 'not_an_object' };
  const ts = textAt(record, 'ts');
  if (ts === undefined) return { skip: 'missing_ts' };
  const seconds = secondsOf(ts);
  if (seconds === undefined) return { skip: 'bad_ts' };
  // It would stand at the end of every list for years.
  if (seconds > nowMs / 1_000 + ONE_DAY_S) return { skip: 'future_ts' };
  const reason = notSaid(record);
  if (reason !== undefined) return { skip: reason };
  const user = textAt(record, 'user');
  if (user === undefined) return { skip: 'without_user' };
  if (!isSlackId(user)) return { skip: 'bad_user' };
  const text = textAt(record, 'text') ?? '';
  if (text.length > LONGEST_MESSAGE) return { skip: 'too_long' };
  const body = readableText(text, names);
  if (body === '') return { skip: 'empty_text' };
  if (body.length > LONGEST_MESSAGE) return { skip: 'too_long' }; // Mentions grow when they are read.
  const externalId = externalIdOf(channelId, ts);
  const threadTs = textAt(record, 'thread_ts');
  const isReply = threadTs !== undefined && threadTs !== ts && secondsOf(threadTs) !== undefined;
  const row: MessageRow = {
    id: stableId(externalId),
    externalId,
    threadExternalId: isReply ? externalIdOf(channelId, threadTs) : null,
    senderId: personId(user),
    body,
    createdAtSeconds: seconds,
    editedAtSeconds: secondsOf(textAt(record['edited'], 'ts')) ?? null,
  };
  return { row, slackUserId: user };
}

/** Why a record is not something a person said; undefined when it is. */
function notSaid(record: JsonObject): string | undefined {
  const subtype = textAt(record, 'subtype');
  if (subtype === 'tombstone') return 'deleted';
  if (subtype === 'bot_message' && textAt(record, 'user') === undefined) return 'bot_without_user';
  if (subtype === undefined || SAID_BY_PEOPLE.has(subtype)) return undefined;
  // The name comes out of a file: it may become a key of the summary only when it looks like one of Slack's.
  return /^[a-z_]{1,40}$/.test(subtype) ? `system_${subtype}` : 'system_other';
}

function externalIdOf(channelId: string, ts: string): string {
  return `slack:${channelId}:${ts}`;
}

/** Slack's times are seconds since 1970 with six decimals, unique in a channel. */
function secondsOf(ts: string | undefined): number | undefined {
  return ts !== undefined && /^\d{1,10}(?:\.\d{1,9})?$/.test(ts) ? Number(ts) : undefined;
}
