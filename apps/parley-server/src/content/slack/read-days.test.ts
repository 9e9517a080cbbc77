import { expect, onTestFinished, test } from 'vitest';
import { said, writeZip } from '../testing/slack-fixture.ts';
import { readDays } from './read-days.ts';
import { openSlackZip } from './slack-zip.ts';

test('a disk that fails ends the reading: a day that it does not give us is not a broken one', async () => {
  const day = 'general/2020-09-01.json';
  const { file, remove } = await writeZip({ [day]: [said(0, 'hello')] });
  onTestFinished(remove);
  const zip = await openSlackZip(file);
  onTestFinished(() => zip.close());
  const notes: string[] = [];
  const failing = Object.assign(new Error('EIO: i/o error, read'), { code: 'EIO', syscall: 'read' });
  const days = readDays(
    {
      zip: { ...zip, read: async () => await Promise.reject(failing) },
      note: (note) => notes.push(note),
      keep: (record) => record,
      pause: async () => await Promise.resolve(),
    },
    { folders: ['general'] },
  );
  await expect(days.next()).rejects.toThrow(`${day} cannot be read: EIO: i/o error, read`);
  expect(notes).toEqual([]);
});

test('the files of one day in several folders are one day, as far as they fit into memory together', async () => {
  const size = (messages: object[]): number => JSON.stringify(messages).length;
  const days = {
    'old/2020-09-01.json': [said(2, 'third'), said(0, 'first')],
    'new/2020-09-01.json': [said(1, 'second')],
    'third/2020-09-01.json': [said(3, 'too much')],
    'fourth/2020-09-01.json': [],
    'old/2020-09-02.json': [said(4, 'next day')],
  };
  const { file, remove } = await writeZip(days);
  onTestFinished(remove);
  const zip = await openSlackZip(file);
  onTestFinished(() => zip.close());
  const notes: string[] = [];
  const most = size(days['old/2020-09-01.json']) + size(days['new/2020-09-01.json']);
  const reading = {
    zip,
    note: (note: string) => notes.push(note),
    keep: (record: unknown) => (record as { text: string }).text,
    pause: async () => await Promise.resolve(),
    limits: { entryBytes: most + 2, messagesADay: 500_000 },
  };
  const read = await Array.fromAsync(readDays(reading, { folders: ['old', 'new', 'third', 'fourth'] }));
  expect(read).toEqual([['first', 'second', 'third'], ['next day']]);
  const all = most + size(days['third/2020-09-01.json']);
  expect(notes).toEqual([
    `left out third/2020-09-01.json: with it, the files of this day unpack to ${all} bytes; expected at most ${most + 2}`,
  ]);
});
