import { readFile, rm } from 'node:fs/promises';
import type { FlagSnapshot } from './flag-source.ts';
import { readMembers, writeMembers } from './members-file.ts';
import { replaceFile } from './replace-file.ts';
import { sha256Hex } from './sha256.ts';

/** The last good snapshot on disk, for a start while its source is away. */
export interface FlagBackup {
  /**
   * The snapshot as it was last written; undefined when there is no file.
   * @throws {Error} when the file cannot be read in time or is not what was written.
   */
  read(): Promise<FlagSnapshot | undefined>;
  /** Writes it whole or not at all; of several at once the last one stays. */
  write(snapshot: FlagSnapshot): Promise<void>;
  /** Leaves no file. */
  remove(): Promise<void>;
}

interface StoredSnapshot {
  readonly revision: number;
  readonly digest: string;
  readonly document: string;
  /** Whether there is a file beside this one that says who is in the segments. */
  readonly hasMembers: boolean;
}

const format = 'crossfade-flags-2';
const readTimeoutMs = 2_000;

/**
 * `file` lies in a folder that exists. Who is in the segments stands in a file of its own beside it, "….members", which is
 * written when somebody has joined: switching a flag off is a matter of a few lines, however many people there are. It is written
 * first, so that a document never stands beside fewer people than it was published with; more of them do no harm.
 */
export function flagBackup(file: string): FlagBackup {
  const membersFile = `${file}.members`;
  let wanted: FlagSnapshot | 'nothing' | undefined;
  let working: Promise<void> | undefined;
  let written: FlagSnapshot['segments'] | undefined;
  const replace = async (next: FlagSnapshot): Promise<void> => {
    if (next.segments.size > 0 && next.segments !== written) await writeMembers(membersFile, next.segments);
    written = next.segments;
    await replaceFile(file, [encode(next)]);
  };
  const removeBoth = async (): Promise<void> => {
    written = undefined;
    await rm(file, { force: true });
    await rm(membersFile, { force: true });
  };
  /** One change of the file at a time; those that were overtaken while they waited are left out. */
  const work = async (): Promise<void> => {
    try {
      while (wanted !== undefined) {
        const next = wanted;
        wanted = undefined;
        try {
          await (next === 'nothing' ? removeBoth() : replace(next));
        } catch (error) {
          written = undefined;
          // What comes next replaces what failed, and tells on its own whether the file can be written.
          if (wanted === undefined) throw error;
        }
      }
    } finally {
      working = undefined;
    }
  };
  const change = async (to: FlagSnapshot | 'nothing'): Promise<void> => {
    wanted = to;
    await (working ??= work());
  };
  return {
    async read() {
      const signal = AbortSignal.timeout(readTimeoutMs);
      const text = await readFile(file, { encoding: 'utf8', signal }).catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      });
      if (text === undefined) return undefined;
      const { hasMembers, ...stored } = decode(text);
      const segments = hasMembers ? await readMembers(membersFile, signal) : new Map();
      written = segments;
      return { ...stored, segments };
    },
    write: async (snapshot) => await change(snapshot),
    remove: async () => await change('nothing'),
  };
}

function encode({ revision, digest, document, segments }: FlagSnapshot): string {
  const stored: StoredSnapshot = { revision, digest, document, hasMembers: segments.size > 0 };
  return JSON.stringify({ format, sha256: sha256Hex(JSON.stringify(stored)), snapshot: stored });
}

/** The checksum makes sure that the snapshot is one that `encode` wrote, so that its fields need no looking at. */
function decode(text: string): StoredSnapshot {
  const file = JSON.parse(text) as { format?: unknown; sha256?: unknown; snapshot?: StoredSnapshot } | null;
  if (file?.format !== format || file.snapshot === undefined) {
    throw new Error(`expected the format "${format}", found ${JSON.stringify(file?.format)}`);
  }
  const sha256 = sha256Hex(JSON.stringify(file.snapshot));
  if (sha256 !== file.sha256)
    throw new Error(`its SHA-256 is ${sha256}, expected ${JSON.stringify(file.sha256)}`);
  return file.snapshot;
}
