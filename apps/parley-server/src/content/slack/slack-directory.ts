import type { ConversationRow, PersonRow } from '../content-rows.ts';
import { plainLine } from '../../plain-line.ts';
import { stableId } from '../stable-id.ts';
import { isObject, isSlackId, textAt } from './slack-json.ts';
import type { JsonObject } from './slack-json.ts';

/** A conversation of the export: where its day files lie, and what it becomes. */
export type SlackChannel = {
  slackId: string;
  /** The folders of its day files: one for each name that it is listed under. */
  folders: [string, ...string[]];
  row: ConversationRow & { memberIds: Set<string> };
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

/** The people of users.json by Slack's ids. */
export type KnownPeople = ReadonlyMap<string, Pick<PersonRow, 'id'>>;

/** A record of channels.json and its like. Undefined: it has no id, or no name where it needs one. */
export function readChannel(
  record: unknown,
  file: ChannelFile,
  known: KnownPeople,
): SlackChannel | undefined {
  const slackId = slackIdAt(record, 'id');
  if (slackId === undefined || !isObject(record)) return undefined;
  const folder = file === 'dms.json' ? slackId : textAt(record, 'name');
  if (folder === undefined) return undefined;
  const isDirect = file === 'dms.json' || file === 'mpims.json';
  const creator = textAt(record, 'creator');
  return {
    slackId,
    folders: [folder],
    row: {
      id: stableId(`slack:conversation:${slackId}`),
      kind: isDirect ? 'direct' : 'channel',
      title: isDirect ? '' : plainLine(folder, 80),
      topic: plainLine(textAt(record['topic'], 'value') ?? textAt(record['purpose'], 'value') ?? '', 250),
      createdBy: (creator === undefined ? undefined : known.get(creator)?.id) ?? null,
      createdAtSeconds: createdAt(record),
      memberIds: memberIdsOf(record, known),
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

/** Each known member once, however often they are listed: a list may name one person millions of times. */
function memberIdsOf(record: JsonObject, known: KnownPeople): Set<string> {
  const ids = new Set<string>();
  const members: unknown = record['members'];
  if (!Array.isArray(members)) return ids;
  for (const member of members as unknown[]) {
    const id = typeof member === 'string' ? known.get(member)?.id : undefined;
    if (id !== undefined) ids.add(id);
  }
  return ids;
}
