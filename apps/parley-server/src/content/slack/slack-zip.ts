import { crc32 } from 'node:zlib';
import yauzl from 'yauzl';
import type { Entry, ZipFile } from 'yauzl';

export const ZIP_LIMITS = {
  entries: 200_000,
  entryBytes: 64 * 1024 ** 2,
  totalBytes: 32 * 1024 ** 3,
  /** Chat as JSON shrinks to a tenth, at best a fiftieth; what is made to explode shrinks to a thousandth. */
  ratio: 250,
  /** Below this a high ratio does no harm. */
  ratioFromBytes: 1024 ** 2,
};

export type ZipLimits = typeof ZIP_LIMITS;

/** A zip file whose directory was read and found bearable. Contents are read one entry at a time. */
export type SlackZip = {
  /** JSON entries by their path in the zip. */
  entries: Map<string, Entry>;
  /** The paths of the day files (FOLDER/2026-01-31.json) by their folder. */
  folders: Map<string, string[]>;
  /** Entries whose names would leave a folder, or are no names: never read. */
  unsafeNames: string[];
  read: (entry: Entry) => Promise<string>;
  close: () => void;
};

/** Opens an export. Errors name the file and say what is wrong with it. */
export async function openSlackZip(file: string, limits: ZipLimits = ZIP_LIMITS): Promise<SlackZip> {
  const zip = await openZip(file);
  try {
    if (zip.entryCount > limits.entries) {
      throw new Error(`it has ${zip.entryCount} entries; expected at most ${limits.entries}`);
    }
    const { entries, unsafeNames } = await readDirectory(zip, limits);
    return {
      entries,
      folders: dayFilesByFolder(entries.keys()),
      unsafeNames,
      read: async (entry) => await readEntry(zip, entry),
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
  return await new Promise((resolve, reject) => {
    // Names are decoded here, not by yauzl: it gives up on the whole file at the first unsafe one.
    yauzl.open(file, { autoClose: false, lazyEntries: true, decodeStrings: false }, (error, zip) => {
      if (error === null) resolve(zip);
      else reject(new Error(`${file} cannot be read as a zip file: ${error.message}`, { cause: error }));
    });
  });
}

async function readDirectory(
  zip: ZipFile,
  limits: ZipLimits,
): Promise<Pick<SlackZip, 'entries' | 'unsafeNames'>> {
  const entries = new Map<string, Entry>();
  const unsafeNames: string[] = [];
  let totalBytes = 0;
  await new Promise<void>((resolve, reject) => {
    zip.on('error', reject).on('end', resolve);
    zip.on('entry', (entry: Entry) => {
      const name = Buffer.from(entry.fileName).toString('utf8').replaceAll('\\', '/');
      if (yauzl.validateFileName(name) !== null || name.includes('\0')) unsafeNames.push(name);
      else if (name.endsWith('.json')) {
        const refusal = refuse(entry, limits);
        totalBytes += entry.uncompressedSize;
        if (refusal !== undefined) return reject(new Error(`${name} ${refusal}`));
        if (totalBytes > limits.totalBytes) {
          return reject(new Error(`it unpacks to more than ${limits.totalBytes} bytes`));
        }
        entries.set(name, entry);
      }
      return zip.readEntry();
    });
    zip.readEntry();
  });
  return { entries, unsafeNames };
}

function dayFilesByFolder(names: Iterable<string>): Map<string, string[]> {
  const folders = new Map<string, string[]>();
  for (const name of names) {
    const folder = /^(.+)\/\d{4}-\d{2}-\d{2}\.json$/.exec(name)?.[1];
    if (folder === undefined) continue;
    const found = folders.get(folder);
    if (found === undefined) folders.set(folder, [name]);
    else found.push(name);
  }
  return folders;
}

/** Why an entry must not be unpacked; undefined when it may be. */
function refuse(entry: Entry, limits: ZipLimits): string | undefined {
  const { uncompressedSize: size, compressedSize } = entry;
  if (entry.isEncrypted()) return 'is encrypted; expected a zip without a password';
  if (size > limits.entryBytes) return `unpacks to ${size} bytes; expected at most ${limits.entryBytes}`;
  if (size > limits.ratioFromBytes && size > compressedSize * limits.ratio) {
    return `unpacks from ${compressedSize} to ${size} bytes; expected at most ${limits.ratio} times its size`;
  }
  return undefined;
}

/** Never reads more than the directory announced: yauzl ends the stream with an error when there is more. */
async function readEntry(zip: ZipFile, entry: Entry): Promise<string> {
  const parts: Buffer[] = [];
  const stream = await new Promise<NodeJS.ReadableStream>((resolve, reject) => {
    zip.openReadStream(entry, (error, opened) => (error === null ? resolve(opened) : reject(error)));
  });
  for await (const part of stream) parts.push(typeof part === 'string' ? Buffer.from(part) : part);
  const bytes = Buffer.concat(parts);
  if (crc32(bytes) !== entry.crc32) throw new Error('its checksum does not match: the file is damaged');
  return bytes.toString('utf8');
}
