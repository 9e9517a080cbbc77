import { createWriteStream } from 'node:fs';
import { pipeline } from 'node:stream/promises';
import { ZipFile } from 'yazl';

const channels = 6;
const people = 2_000;
const days = 40;

/** Writes a Slack export of about `messages` messages, with threads, to measure with where no real one is at hand. */
export async function writeSlackExport(path: string, messages: number): Promise<number> {
  const zip = new ZipFile();
  const users = Array.from({ length: people }, (_, index) => ({
    id: personId(index),
    name: `person-${index}`,
  }));
  const named = Array.from({ length: channels }, (_, index) => ({
    id: `C${index}`,
    name: `channel-${index}`,
    members: [],
  }));
  zip.addBuffer(Buffer.from(JSON.stringify(users)), 'users.json');
  zip.addBuffer(Buffer.from(JSON.stringify(named)), 'channels.json');
  const perDay = Math.ceil(messages / channels / days);
  for (let channel = 0; channel < channels; channel += 1) {
    for (let day = 0; day < days; day += 1) {
      const name = `channel-${channel}/${new Date(dayMs(day)).toISOString().slice(0, 10)}.json`;
      zip.addBuffer(Buffer.from(JSON.stringify(messagesOf(channel, day, perDay))), name);
    }
  }
  zip.end();
  await pipeline(zip.outputStream, createWriteStream(path));
  return perDay * channels * days;
}

function dayMs(day: number): number {
  return Date.UTC(2020, 0, 1 + day);
}

function personId(index: number): string {
  return `U${String(index).padStart(6, '0')}`;
}

function messagesOf(channel: number, day: number, count: number): object[] {
  const ts = (index: number) =>
    `${Math.floor(dayMs(day) / 1_000) + Math.floor((index * 86_000) / count)}.${String(index).padStart(6, '0')}`;
  return Array.from({ length: count }, (_, index) => ({
    type: 'message',
    user: personId((index * 7_919 + channel * 31 + day) % people),
    text: `Message ${index} of day ${day}: the build of branch ${index % 97} took ${index % 61} minutes, see https://ci.example/${index}`,
    ts: ts(index),
    // Every fourth message answers the one before it.
    ...(index % 4 === 3 ? { thread_ts: ts(index - 1) } : {}),
  }));
}
