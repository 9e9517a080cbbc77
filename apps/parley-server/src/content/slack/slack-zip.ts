import { stat } from 'node:fs/promises';
import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';
import { decodeJsonText } from './decode-json-text.ts';

export const ZIP_LIMITS = {
  entries: 200_000,
  /** One entry is in memory at a time, as a whole: this bounds it, however well the entry shrank. */
  entryBytes: 64 * 1024 ** 2,
  totalBytes: 32 * 1024 ** 3,
  /** Chat as JSON shrinks to a tenth, at best a fiftieth; what is made to explode shrinks to a thousandth. */
  totalRatio: 100,
  /** Up to this, all entries together may shrink as they like: unpacking them takes seconds. */
  ratioFromBytes: 512 * 1024 ** 2,
  nameBytes: 1_000,
};

export type ZipLimits = typeof ZIP_LIMITS;

/** A zip file whose directory was read and found bearable. Contents are read one entry at a time. */
export type SlackZip = {
  /** JSON entries by their path in the zip. */
  entries: Map<string, Entry>;
  /** The paths of the day files (FOLDER/2026-01-31.json) by their folder: see `folderKey`. */
  folders: Map<string, string[]>;
  /** Entries whose names would leave a folder, or are no names: never read. */
  unsafeNames: string[];
  /** Names that more than one entry has: the first one counts. */
  repeatedNames: string[];
  /** The text of an entry. @throws when its list has more records, or it cannot be what it claims to be. */
  read: (entry: Entry, mostRecords?: number) => Promise<string>;
  close: () => void;
};

/** What is one folder for people must be one here: some systems write an é as two characters. */
export const folderKey = (folder: string): string => folder.normalize('NFC');

/** Opens an export. Errors name the file and say what is wrong with it. */
export async function openSlackZip(file: string, limits: ZipLimits = ZIP_LIMITS): Promise<SlackZip> {
  const zip = await openZip(file);
  try {
    if (zip.entryCount > limits.entries) {
      throw new Error(`it has ${zip.entryCount} entries; expected at most ${limits.entries}`);
    }
    const directory = await readDirectory(zip, limits);
    return {
      ...directory,
      folders: dayFilesByFolder(directory.entries.keys()),
      read: async (entry, mostRecords) => await readEntry(zip, entry, mostRecords),
      close: () => zip.close(),
    };
  } catch (cause) {
    zip.close();
    throw new Error(`${file} was refused: ${cause instanceof Error ? cause.message : String(cause)}`, {
      cause,
    });
  }
}

async function openZip(file: string): Promise<ZipFile> {
  // A pipe would keep us waiting for who never writes, and a device has no end.
  const found = await stat(file).catch((cause: unknown) => {
    throw new Error(`${file} cannot be read as a zip file: ${String(cause)}`, { cause });
  });
  if (!found.isFile()) {
    const kind = found.isDirectory() ? 'a folder' : 'no regular file';
    throw new Error(
      `${file} cannot be read as a zip file: it is ${kind}; expected the zip that Slack exported`,
    );
  }
  return await new Promise((resolve, reject) => {
    // Names are decoded here, not by yauzl: it gives up on the whole file at the first unsafe one.
    yauzl.open(file, { autoClose: false, lazyEntries: true, decodeStrings: false }, (error, zip) => {
      if (error === null) resolve(zip);
      else reject(new Error(`${file} cannot be read as a zip file: ${error.message}`, { cause: error }));
    });
  });
}

type Directory = Pick<SlackZip, 'entries' | 'unsafeNames' | 'repeatedNames'>;

async function readDirectory(zip: ZipFile, limits: ZipLimits): Promise<Directory> {
  const directory: Directory = { entries: new Map(), unsafeNames: [], repeatedNames: [] };
  const bytes = { packed: 0, packedJson: 0, unpackedJson: 0 };
  await new Promise<void>((resolve, reject) => {
    zip.on('error', reject).on('end', resolve);
    zip.on('entry', (entry: Entry) => {
      bytes.packed += entry.compressedSize;
      // Entries that share their bytes are how a small file becomes any amount of work.
      if (bytes.packed > zip.fileSize) {
        return reject(new Error(`its entries overlap: expected at most ${zip.fileSize} bytes of them`));
      }
      const refusal = addEntry(directory, entry, bytes, limits);
      if (refusal !== undefined) return reject(new Error(refusal));
      return zip.readEntry();
    });
    zip.readEntry();
  });
  const refusal = refuseAll(bytes, limits);
  if (refusal !== undefined) throw new Error(refusal);
  return directory;
}

type JsonBytes = { packedJson: number; unpackedJson: number };

/** Why the entries must not be unpacked one after another; undefined when they may be. */
function refuseAll({ packedJson, unpackedJson }: JsonBytes, limits: ZipLimits): string | undefined {
  if (unpackedJson > limits.totalBytes) {
    return `it unpacks to ${unpackedJson} bytes; expected at most ${limits.totalBytes}`;
  }
  if (unpackedJson > limits.ratioFromBytes && unpackedJson > packedJson * limits.totalRatio) {
    return `it unpacks from ${packedJson} to ${unpackedJson} bytes; expected at most ${limits.totalRatio} times as many`;
  }
  return undefined;
}

/** @returns why the whole file is refused, if it is. */
function addEntry(
  { entries, unsafeNames, repeatedNames }: Directory,
  entry: Entry,
  bytes: JsonBytes,
  limits: ZipLimits,
): string | undefined {
  const written = Buffer.from(entry.fileName);
  const name = written.toString('utf8', 0, limits.nameBytes).replaceAll('\\', '/');
  const isUnsafe = yauzl.validateFileName(name) !== null || name.includes('\0');
  if (isUnsafe || written.length > limits.nameBytes) unsafeNames.push(name.slice(0, 100));
  else if (entries.has(name)) repeatedNames.push(name);
  else if (name.endsWith('.json')) {
    const refusal = refuse(entry, limits);
    if (refusal !== undefined) return `${name} ${refusal}`;
    bytes.packedJson += entry.compressedSize;
    bytes.unpackedJson += entry.uncompressedSize;
    entries.set(name, entry);
  }
  return undefined;
}

function dayFilesByFolder(names: Iterable<string>): Map<string, string[]> {
  const folders = new Map<string, string[]>();
  for (const name of names) {
    const folder = /^(.+)\/\d{4}-\d{2}-\d{2}\.json$/s.exec(name)?.[1];
    if (folder === undefined) continue;
    const key = folderKey(folder);
    const found = folders.get(key);
    if (found === undefined) folders.set(key, [name]);
    else found.push(name);
  }
  return folders;
}

/** Why an entry must not be unpacked; undefined when it may be. */
function refuse(entry: Entry, limits: ZipLimits): string | undefined {
  const { uncompressedSize: size } = entry;
  if (entry.isEncrypted()) return 'is encrypted; expected a zip without a password';
  if (size > limits.entryBytes) return `unpacks to ${size} bytes; expected at most ${limits.entryBytes}`;
  return undefined;
}

/** Never reads more than the directory announced: yauzl ends the stream with an error when there is more. */
async function readEntry(zip: ZipFile, entry: Entry, mostRecords?: number): Promise<string> {
  const parts: Buffer[] = [];
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    zip.openReadStream(entry, (error, opened) => (error === null ? resolve(opened) : reject(error)));
  });
  for await (const part of stream) parts.push(typeof part === 'string' ? Buffer.from(part) : part);
  const bytes = Buffer.concat(parts);
  if (crc32(bytes) !== entry.crc32) throw new Error('its checksum does not match: the file is damaged');
  return decodeJsonText(bytes, mostRecords);
}
