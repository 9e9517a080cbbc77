import type { Entry } from 'yauzl';
import { jsonRecords, kindOfJson } from './json-records.ts';
import type { SlackZip } from './slack-zip.ts';

/**
 * The records of a list at the top of the zip, one after another; none where there is no such file.
 * @param file the path of the zip
 * @throws when it is no list, has more than `mostRecords`, or breaks off: the whole export is then worth nothing
 */
export async function* readRecords(
  zip: SlackZip,
  file: string,
  name: string,
  mostRecords: number,
): AsyncGenerator {
  const entry = zip.entries.get(name);
  if (entry === undefined) return;
  const { text, kind } = await open(zip, entry, mostRecords).catch(refuse);
  if (kind !== 'list') throw new Error(`${file}: ${name} is ${kind}; expected a list`);
  try {
    for (const record of jsonRecords(text)) yield record;
  } catch (error) {
    refuse(error);
  }

  function refuse(cause: unknown): never {
    throw new Error(`${file}: ${name} cannot be read: ${String(cause)}`, { cause });
  }
}

async function open(
  zip: SlackZip,
  entry: Entry,
  mostRecords: number,
): Promise<{ text: string; kind: string }> {
  const text = await zip.read(entry, mostRecords);
  return { text, kind: kindOfJson(text) };
}
