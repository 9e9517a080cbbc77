import type { PersonRow } from '../content-rows.ts';
import { ChannelList } from './channel-list.ts';
import { createPauses } from './create-pauses.ts';
import { EXPORT_LIMITS, type ExportLimits } from './export-limits.ts';
import { readRecords } from './read-records.ts';
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

export type DirectoryOptions = {
  /** Ends the reading between some records. */
  signal?: AbortSignal | undefined;
  limits?: ExportLimits;
};

type Reading = {
  zip: SlackZip;
  /** The path of the zip, for who is told what is wrong with it. */
  file: string;
  note: (text: string) => void;
  limits: ExportLimits;
  /** To be awaited for each record. */
  pause: () => Promise<void>;
};

/**
 * Reads who and what there is.
 * @throws when users.json or channels.json is missing or broken, for without them a zip is no export; when there are more
 * people, conversations or members than any workspace has; and the signal's reason
 */
export async function readDirectory(
  zip: SlackZip,
  file: string,
  note: (text: string) => void,
  { signal, limits = EXPORT_LIMITS }: DirectoryOptions = {},
): Promise<SlackDirectory> {
  const reading: Reading = { zip, file, note, limits, pause: createPauses(signal) };
  const people = await readPeople(reading);
  const channels = await readChannels(reading, people);
  return {
    people: [...people.values()],
    channels: [...channels.values()],
    personNames: new Map([...people].map(([id, person]) => [id, person.name])),
    channelNames: new Map([...channels].map(([id, channel]) => [id, channel.row.title])),
  };
}

/** By Slack's ids. */
async function readPeople(reading: Reading): Promise<Map<string, PersonRow>> {
  const { zip, file, note, limits, pause } = reading;
  requireFile(reading, 'users.json');
  const people = new Map<string, PersonRow>();
  let index = 0;
  for await (const record of readRecords(zip, file, 'users.json', limits.people)) {
    await pause();
    const read = readPerson(record);
    if (read === undefined) note(`users.json: left out record ${index}: it has no usable id`);
    else people.set(read.slackId, read.person);
    index += 1;
  }
  return people;
}

/** By Slack's ids. */
async function readChannels(
  reading: Reading,
  people: ReadonlyMap<string, PersonRow>,
): Promise<Map<string, SlackChannel>> {
  const { zip, file, note, limits, pause } = reading;
  requireFile(reading, 'channels.json');
  const list = new ChannelList();
  let conversations = 0;
  for (const name of CHANNEL_FILES) {
    let index = 0;
    for await (const record of readRecords(zip, file, name, limits.conversations)) {
      await pause();
      conversations += 1;
      refuseOver(limits.conversations, conversations, 'conversations', `${file}: ${name}: record ${index}`);
      const channel = readChannel(record, name, people);
      const remark =
        channel === undefined
          ? `left out record ${index}: it has no usable id or name`
          : list.add(channel, index);
      if (remark !== undefined) note(`${name}: ${remark}`);
      refuseOver(limits.memberships, list.memberships, 'members', `${file}: ${name}: record ${index}`);
      index += 1;
    }
  }
  for (const [folder, files] of zip.folders) {
    await pause();
    if (!list.hasFolder(folder))
      note(`left out the folder ${folder} (${files.length} days): no conversation has it`);
  }
  return list.channels;
}

function requireFile({ zip, file }: Reading, name: string): void {
  if (!zip.entries.has(name)) throw new Error(`${file} is not a Slack export: it has no ${name} at its top`);
}

/** @throws when there are more than so many up to this place. */
function refuseOver(most: number, count: number, what: string, place: string): void {
  if (count <= most) return;
  throw new Error(`${place}: up to here there are ${count} ${what}; expected at most ${most}`);
}
