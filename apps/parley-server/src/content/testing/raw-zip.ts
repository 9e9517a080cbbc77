import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { crc32, deflateRawSync } from 'node:zlib';

/** An entry as it is claimed to be; what is not given is true. */
export type RawEntry = {
  name: string | Buffer;
  /** As it is stored: method 8 (deflated) unless another one is claimed. */
  content: Buffer | string;
  method?: number;
  flags?: number;
  size?: number;
  packedSize?: number;
  crc?: number;
  /** Points at the bytes of the first entry instead of its own. */
  overlapsFirst?: boolean;
};

const DEFLATED = 8;

/** A zip file byte by byte, in a folder of its own, for what no honest program writes. */
export async function writeRawZip(
  entries: readonly RawEntry[],
): Promise<{ file: string; remove: () => Promise<void> }> {
  const locals: Buffer[] = [];
  const centrals: Buffer[] = [];
  let offset = 0;
  for (const entry of entries) {
    const name = Buffer.from(entry.name);
    const content = Buffer.from(entry.content);
    const packed = (entry.method ?? DEFLATED) === DEFLATED ? deflateRawSync(content) : content;
    const facts = factsOf(entry, name, content, packed);
    centrals.push(Buffer.concat([central(facts, entry.overlapsFirst === true ? 0 : offset), name]));
    if (entry.overlapsFirst === true) continue;
    const local = Buffer.concat([Buffer.from([0x50, 0x4b, 3, 4]), facts, name, packed]);
    locals.push(local);
    offset += local.length;
  }
  const directory = Buffer.concat(centrals);
  const end = Buffer.alloc(22);
  end.set([0x50, 0x4b, 5, 6]);
  end.writeUInt16LE(entries.length, 8);
  end.writeUInt16LE(entries.length, 10);
  end.writeUInt32LE(directory.length, 12);
  end.writeUInt32LE(offset, 16);
  const folder = await mkdtemp(path.join(os.tmpdir(), 'parley-raw-zip-'));
  const file = path.join(folder, 'export.zip');
  await writeFile(file, Buffer.concat([...locals, directory, end]));
  return { file, remove: async () => await rm(folder, { recursive: true }) };
}

/** What both headers of an entry say about it. */
function factsOf(entry: RawEntry, name: Buffer, content: Buffer, packed: Buffer): Buffer {
  const facts = Buffer.alloc(26);
  facts.writeUInt16LE(20, 0);
  facts.writeUInt16LE(entry.flags ?? 0x0800, 2);
  facts.writeUInt16LE(entry.method ?? DEFLATED, 4);
  facts.writeUInt32LE(entry.crc ?? crc32(content), 10);
  facts.writeUInt32LE(entry.packedSize ?? packed.length, 14);
  facts.writeUInt32LE(entry.size ?? content.length, 18);
  facts.writeUInt16LE(name.length, 22);
  return facts;
}

function central(facts: Buffer, offset: number): Buffer {
  const header = Buffer.alloc(46);
  header.set([0x50, 0x4b, 1, 2, 20, 0]);
  header.set(facts, 6);
  header.writeUInt32LE(offset, 42);
  return header;
}
