import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { buffer } from 'node:stream/consumers';
import { ZipFile } from 'yazl';

/** Entries of a zip by path; anything but text and bytes is written as JSON. */
export type Contents = Record<string, unknown>;

/** A zip file in a folder of its own. `edit` may spoil its bytes. */
export async function writeZip(
  contents: Contents,
  edit: (bytes: Buffer) => Buffer = (bytes) => bytes,
): Promise<{ file: string; remove: () => Promise<void> }> {
  const zip = new ZipFile();
  for (const [name, content] of Object.entries(contents)) {
    const isRaw = typeof content === 'string' || Buffer.isBuffer(content);
    zip.addBuffer(Buffer.from(isRaw ? content : JSON.stringify(content)), name);
  }
  zip.end();
  const directory = await mkdtemp(path.join(os.tmpdir(), 'parley-slack-'));
  const file = path.join(directory, 'export.zip');
  await writeFile(file, edit(await buffer(zip.outputStream)));
  return { file, remove: async () => await rm(directory, { recursive: true }) };
}

export const USERS = [
  { id: 'U1', name: 'ada', profile: { display_name: 'Ada', email: 'Ada@example.com' } },
  { id: 'U2', name: 'ben', real_name: 'Ben Ruiz' },
];

export const CHANNELS = [
  {
    id: 'C1',
    name: 'general',
    created: 1_600_000_000,
    creator: 'U1',
    members: ['U1', 'U2'],
    topic: { value: 'All of us' },
  },
];

/** The `index`th second of a made-up conversation, as Slack writes times. */
export function ts(index: number): string {
  return `${1_600_000_100 + index}.${String(index % 1000).padStart(6, '0')}`;
}

export function said(index: number, text: string, more: object = {}): object {
  return { type: 'message', user: index % 2 === 0 ? 'U1' : 'U2', text, ts: ts(index), ...more };
}

/** An export with one channel that has so many messages, over several days, every fifth a reply to the one four before. */
export function talkativeExport(messages: number, perDay = 10): Contents {
  const contents: Contents = { 'users.json': USERS, 'channels.json': CHANNELS };
  for (let start = 0, day = 1; start < messages; start += perDay, day += 1) {
    const indices = Array.from({ length: Math.min(perDay, messages - start) }, (_, offset) => start + offset);
    contents[`general/2020-09-${String(day).padStart(2, '0')}.json`] = indices.map((index) =>
      said(index, `message ${index}`, index % 5 === 4 ? { thread_ts: ts(index - 4) } : {}),
    );
  }
  return contents;
}
