import { createHash } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import type { FlagSnapshot } from './flag-source.ts';
import { replaceFile } from './replace-file.ts';

type Segments = FlagSnapshot['segments'];

const format = 'crossfade-members-2';
/** Others get their turn in between: a million members are written while requests are answered. */
const keysPerLine = 5_000;

/** Writes who is in which segment, whole or not at all: a line for a few thousand at a time, and last their checksum. */
export async function writeMembers(file: string, segments: Segments): Promise<void> {
  await replaceFile(file, linesOf(segments));
}

function* linesOf(segments: Segments): Generator<string> {
  const hash = createHash('sha256');
  const line = (content: unknown): string => {
    const text = `${JSON.stringify(content)}\n`;
    hash.update(text);
    return text;
  };
  yield line({ format });
  for (const [segment, members] of segments) {
    let some: string[] = [];
    for (const key of members) {
      some.push(key);
      if (some.length < keysPerLine) continue;
      yield line([segment, some]);
      some = [];
    }
    if (some.length > 0) yield line([segment, some]);
  }
  yield `${JSON.stringify({ sha256: hash.digest('hex') })}\n`;
}

/** @throws {Error} when the file is not there, cannot be read in time, or is not what was written. */
export async function readMembers(file: string, signal: AbortSignal): Promise<Segments> {
  const text = await readFile(file, { encoding: 'utf8', signal });
  const end = text.lastIndexOf('\n', text.length - 2) + 1;
  const { sha256 } = JSON.parse(text.slice(end)) as { sha256?: unknown };
  const found = createHash('sha256').update(text.slice(0, end)).digest('hex');
  if (found !== sha256)
    throw new Error(`${file}: its SHA-256 is ${found}, expected ${JSON.stringify(sha256)}`);
  const [head = '', ...lines] = text.slice(0, end - 1).split('\n');
  if (head !== JSON.stringify({ format }))
    throw new Error(`${file}: expected the format "${format}", found ${head}`);
  const segments = new Map<string, Set<string>>();
  for (const line of lines) {
    // The checksum has told that it is what `linesOf` wrote.
    const [segment, keys] = JSON.parse(line) as [string, string[]];
    const members = segments.get(segment) ?? new Set();
    for (const key of keys) members.add(key);
    segments.set(segment, members);
  }
  return segments;
}
