import { randomUUID } from 'node:crypto';
import { open, readFile, rename, rm } from 'node:fs/promises';
import type { FlagSnapshot } from './flag-source.ts';
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
  readonly segments: readonly (readonly [segment: string, targetingKeys: readonly string[]])[];
}

const format = 'crossfade-flags-1';
const readTimeoutMs = 2_000;

/** `file` lies in a folder that exists. It holds targeting keys, so that only its owner may read it. */
export function flagBackup(file: string): FlagBackup {
  let wanted: FlagSnapshot | 'nothing' | undefined;
  let working: Promise<void> | undefined;
  /** One change of the file at a time; those that were overtaken while they waited are left out. */
  const work = async (): Promise<void> => {
    try {
      while (wanted !== undefined) {
        const next = wanted;
        wanted = undefined;
        try {
          await (next === 'nothing' ? rm(file, { force: true }) : replaceFile(file, encode(next)));
        } catch (error) {
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
      const text = await readFile(file, {
        encoding: 'utf8',
        signal: AbortSignal.timeout(readTimeoutMs),
      }).catch((error: unknown) => {
        if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return undefined;
        throw error;
      });
      return text === undefined ? undefined : decode(text);
    },
    write: async (snapshot) => await change(snapshot),
    remove: async () => await change('nothing'),
  };
}

function encode({ revision, digest, document, segments }: FlagSnapshot): string {
  const stored: StoredSnapshot = {
    revision,
    digest,
    document,
    segments: [...segments].map(([segment, keys]) => [segment, [...keys]]),
  };
  return JSON.stringify({ format, sha256: sha256Hex(JSON.stringify(stored)), snapshot: stored });
}

/** The checksum makes sure that the snapshot is one that `encode` wrote, so that its fields need no looking at. */
function decode(text: string): FlagSnapshot {
  const file = JSON.parse(text) as { format?: unknown; sha256?: unknown; snapshot?: StoredSnapshot } | null;
  if (file?.format !== format || file.snapshot === undefined) {
    throw new Error(`expected the format "${format}", found ${JSON.stringify(file?.format)}`);
  }
  const sha256 = sha256Hex(JSON.stringify(file.snapshot));
  if (sha256 !== file.sha256)
    throw new Error(`its SHA-256 is ${sha256}, expected ${JSON.stringify(file.sha256)}`);
  const { revision, digest, document, segments } = file.snapshot;
  return {
    revision,
    digest,
    document,
    segments: new Map(segments.map(([name, keys]) => [name, new Set(keys)])),
  };
}

async function replaceFile(file: string, text: string): Promise<void> {
  const temporary = `${file}.${randomUUID()}.tmp`;
  try {
    const handle = await open(temporary, 'wx', 0o600);
    try {
      await handle.writeFile(text);
      // Else a power cut right after the renaming can leave an empty file under the right name.
      await handle.sync();
    } finally {
      await handle.close();
    }
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}
