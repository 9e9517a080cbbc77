import { writeFile } from 'node:fs/promises';
import { describe, expect, onTestFinished, test } from 'vitest';
import { writeZip } from '../testing/slack-fixture.ts';
import type { Contents } from '../testing/slack-fixture.ts';
import { openSlackZip, ZIP_LIMITS } from './slack-zip.ts';

async function zipOf(contents: Contents, edit?: (bytes: Buffer) => Buffer): Promise<string> {
  const { file, remove } = await writeZip(contents, edit);
  onTestFinished(remove);
  return file;
}

test('a file that is no zip is named', async () => {
  const file = await zipOf({});
  await writeFile(file, 'certainly not a zip file');
  await expect(openSlackZip(file)).rejects.toThrow(`${file} cannot be read as a zip file`);
});

test('a zip that was cut off is no zip', async () => {
  const file = await zipOf({ 'a/2020-01-01.json': [1, 2, 3] }, (bytes) =>
    bytes.subarray(0, bytes.length / 2),
  );
  await expect(openSlackZip(file)).rejects.toThrow('cannot be read as a zip file');
});

test('names that leave the folder are listed and not read', async () => {
  const file = await zipOf({ 'aa/evil.json': [], 'ok/2020-01-01.json': [] }, (bytes) =>
    Buffer.from(bytes.toString('latin1').replaceAll('aa/evil', '../evil'), 'latin1'),
  );
  const zip = await openSlackZip(file);
  expect(zip.unsafeNames).toEqual(['../evil.json']);
  expect([...zip.entries.keys()]).toEqual(['ok/2020-01-01.json']);
  expect(zip.folders).toEqual(new Map([['ok', ['ok/2020-01-01.json']]]));
  zip.close();
});

describe('what shrank to a thousandth', () => {
  const MB = 1024 ** 2;
  const days = (count: number): Contents =>
    Object.fromEntries(
      Array.from({ length: count }, (_, index) => [`a/2020-01-0${index + 1}.json`, Buffer.alloc(MB, ' ')]),
    );

  test('is read where it is not much', async () => {
    const file = await zipOf(days(1));
    const zip = await openSlackZip(file);
    const entry = zip.entries.get('a/2020-01-01.json');
    expect(await (entry && zip.read(entry))).toBe(' '.repeat(MB));
    zip.close();
  });

  test('is refused before it is unpacked where it is much altogether', async () => {
    const limits = { ...ZIP_LIMITS, ratioFromBytes: 3 * MB };
    const bearable = await openSlackZip(await zipOf(days(3)), limits);
    bearable.close();
    await expect(openSlackZip(await zipOf(days(4)), limits)).rejects.toThrow(
      /it unpacks from \d{4} to 4194304 bytes; expected at most 100 times as many/,
    );
  });
});

test.each([
  [{ ...ZIP_LIMITS, entryBytes: 100 }, 'unpacks to 400 bytes; expected at most 100'],
  [{ ...ZIP_LIMITS, totalBytes: 500 }, 'it unpacks to 800 bytes; expected at most 500'],
  [{ ...ZIP_LIMITS, entries: 1 }, 'it has 2 entries; expected at most 1'],
])('limits: %#', async (limits, message) => {
  const file = await zipOf({ 'a.json': 'x'.repeat(400), 'b.json': 'y'.repeat(400) });
  await expect(openSlackZip(file, limits)).rejects.toThrow(message);
});

test('a damaged entry is noticed by its checksum', async () => {
  const file = await zipOf({ 'a.json': '["this"]' }, (bytes) => {
    const at = bytes.indexOf(Buffer.from([0x50, 0x4b, 0x01, 0x02]));
    return bytes.fill(0xab, at + 16, at + 20);
  });
  const zip = await openSlackZip(file);
  const entry = zip.entries.get('a.json');
  await expect(entry && zip.read(entry)).rejects.toThrow('checksum');
  zip.close();
});
