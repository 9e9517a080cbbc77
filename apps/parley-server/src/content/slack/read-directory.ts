import type { PersonRow } from '../content-rows.ts';
import { CHANNEL_FILES, readChannel, readPerson } from './slack-directory.ts';
import type { SlackChannel } from './slack-directory.ts';
import type { SlackZip } from './slack-zip.ts';

export type SlackDirectory = {
  people: PersonRow[];
  channels: SlackChannel[];
  /** Names by Slack's ids, for mentions. */
  personNames: Map<string, string>;
  channelNames: Map<string, string>;
};

/** Reads who and what there is. Without users.json and channels.json a zip is no export. */
export async function readDirectory(
  zip: SlackZip,
  file: string,
  note: (text: string) => void,
): Promise<SlackDirectory> {
  const people = new Map<string, PersonRow>();
  const users = await readList(zip, file, 'users.json');
  for (const [index, record] of required(users, file, 'users.json').entries()) {
    const read = readPerson(record);
    if (read === undefined) note(`users.json: left out record ${index}: it has no usable id`);
    else people.set(read.slackId, read.person);
  }
  const known = new Set(people.keys());
  const channels = new Map<string, SlackChannel>();
  const folders = new Set<string>();
  for (const name of CHANNEL_FILES) {
    const list = await readList(zip, file, name);
    const records = name === 'channels.json' ? required(list, file, name) : (list ?? []);
    for (const [index, record] of records.entries()) {
      const channel = readChannel(record, name, known);
      if (channel === undefined) note(`${name}: left out record ${index}: it has no usable id or name`);
      else if (folders.has(channel.folder)) {
        note(
          `${name}: left out record ${index}: the folder ${channel.folder} belongs to another conversation`,
        );
      } else {
        folders.add(channel.folder);
        channels.set(channel.slackId, channel);
      }
    }
  }
  return {
    people: [...people.values()],
    channels: [...channels.values()],
    personNames: new Map([...people].map(([id, person]) => [id, person.name])),
    channelNames: new Map([...channels].map(([id, channel]) => [id, channel.row.title])),
  };
}

function required(list: unknown[] | undefined, file: string, name: string): unknown[] {
  if (list !== undefined) return list;
  throw new Error(`${file} is not a Slack export: it has no ${name} at its top`);
}

async function readList(zip: SlackZip, file: string, name: string): Promise<unknown[] | undefined> {
  const entry = zip.entries.get(name);
  if (entry === undefined) return undefined;
  let value: unknown;
  try {
    value = JSON.parse(await zip.read(entry));
  } catch (cause) {
    throw new Error(`${file}: ${name} cannot be read: ${String(cause)}`, { cause });
  }
  if (!Array.isArray(value)) throw new Error(`${file}: ${name} is ${typeof value}; expected a list`);
  return value;
}
