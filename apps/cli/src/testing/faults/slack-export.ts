import { existsSync } from 'node:fs';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

const channels = 6;
const daysPerChannel = 5;
const messagesPerDay = 20;
const people = ['U1', 'U2', 'U3'];
const firstSecond = 1_600_000_000;

/** A small Slack export with people, channels, threads and edits. Written once into the folder; returns its path. */
export async function writeSlackExport(folder: string): Promise<string> {
  const file = join(folder, 'export.zip');
  if (existsSync(file)) return file;
  const zip = new ZipFile();
  const add = (name: string, content: unknown): void =>
    zip.addBuffer(Buffer.from(JSON.stringify(content)), name);
  add(
    'users.json',
    people.map((id) => ({ id, name: `name-${id}`, profile: { email: `${id}@example.com` } })),
  );
  const names = Array.from({ length: channels }, (_, index) => `channel-${index + 1}`);
  add(
    'channels.json',
    names.map((name, index) => ({
      id: `C${index + 1}`,
      name,
      created: firstSecond,
      creator: 'U1',
      members: people,
    })),
  );
  for (const name of names)
    for (let day = 1; day <= daysPerChannel; day += 1)
      add(`${name}/2020-09-${String(day).padStart(2, '0')}.json`, messagesOf(day));
  zip.end();
  const half = `${file}.${process.pid}`;
  await writeFile(half, await buffer(zip.outputStream));
  await rename(half, file);
  return file;
}

function messagesOf(day: number): readonly object[] {
  return Array.from({ length: messagesPerDay }, (_, index) => ({
    type: 'message',
    user: people[index % people.length],
    text: `day ${day}, message ${index}`,
    ts: timeOf(day, index),
    ...(index % 5 === 4 ? { thread_ts: timeOf(day, index - 4) } : {}),
    ...(index % 7 === 6 ? { edited: { user: 'U1', ts: timeOf(day, index + 1) } } : {}),
  }));
}

function timeOf(day: number, index: number): string {
  return `${firstSecond + day * 86_400 + index * 60}.000100`;
}
