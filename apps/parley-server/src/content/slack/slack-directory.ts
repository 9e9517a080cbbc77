import type { ConversationRow, PersonRow } from '../content-rows.ts';
import { stableId } from '../stable-id.ts';
import { isObject, isSlackId, plainLine, textAt } from './slack-json.ts';
import type { JsonObject } from './slack-json.ts';

/** A conversation of the export: where its day files lie, and what it becomes. */
export type SlackChannel = {
  slackId: string;
  /** The folder of its day files. */
  folder: string;
  row: ConversationRow;
};

export const CHANNEL_FILES = ['channels.json', 'groups.json', 'mpims.json', 'dms.json'] as const;
type ChannelFile = (typeof CHANNEL_FILES)[number];

export function personId(slackUserId: string): string {
  return stableId(`slack:person:${slackUserId}`);
}

/** Somebody of users.json. Undefined: the record has no id, so nothing can refer to it. */
export function readPerson(record: unknown): { slackId: string; person: PersonRow } | undefined {
  const slackId = slackIdAt(record, 'id');
  if (slackId === undefined || !isObject(record)) return undefined;
  const profile = record['profile'];
  const name =
    textAt(profile, 'display_name') ??
    textAt(record, 'real_name') ??
    textAt(profile, 'real_name') ??
    textAt(record, 'name');
  return { slackId, person: personRow(slackId, name, textAt(profile, 'email')) };
}

/** Also for people who wrote but are missing in users.json: they are then named after their id. */
export function personRow(slackId: string, name?: string, email?: string): PersonRow {
  const spareEmail = `${slackId.toLowerCase()}@slack.parley.example`;
  const usable = email !== undefined && /^[^\s@\p{Cc}]{1,64}@[^\s@\p{Cc}]{1,190}$/u.test(email);
  return {
    id: personId(slackId),
    name: plainLine(name ?? '', 80) || slackId,
    email: usable ? email.toLowerCase() : spareEmail,
    spareEmail,
  };
}

/** A record of channels.json and its like. Undefined: it has no id, or no name where it needs one. */
export function readChannel(
  record: unknown,
  file: ChannelFile,
  known: ReadonlySet<string>,
): SlackChannel | undefined {
  const slackId = slackIdAt(record, 'id');
  if (slackId === undefined || !isObject(record)) return undefined;
  const folder = file === 'dms.json' ? slackId : textAt(record, 'name');
  if (folder === undefined) return undefined;
  const isDirect = file === 'dms.json' || file === 'mpims.json';
  const creator = textAt(record, 'creator');
  return {
    slackId,
    folder,
    row: {
      id: stableId(`slack:conversation:${slackId}`),
      kind: isDirect ? 'direct' : 'channel',
      title: isDirect ? '' : plainLine(folder, 80),
      topic: plainLine(textAt(record['topic'], 'value') ?? textAt(record['purpose'], 'value') ?? '', 250),
      createdBy: creator !== undefined && known.has(creator) ? personId(creator) : null,
      createdAtSeconds: createdAt(record),
      memberIds: membersOf(record)
        .filter((id) => known.has(id))
        .map(personId),
    },
  };
}

function slackIdAt(record: unknown, key: string): string | undefined {
  const id = textAt(record, key);
  return id !== undefined && isSlackId(id) ? id : undefined;
}

function createdAt(record: JsonObject): number {
  const created = record['created'];
  return typeof created === 'number' && created >= 0 && created < 1e10 ? created : 0;
}

function membersOf(record: JsonObject): string[] {
  const members = record['members'];
  return Array.isArray(members) ? members.filter((member: unknown) => typeof member === 'string') : [];
}
