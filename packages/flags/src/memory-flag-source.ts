import type { FlagSnapshot, FlagSource } from './flag-source.ts';
import { sha256Hex } from './sha256.ts';

type Segments = Readonly<Record<string, readonly string[]>>;

/** A source for tests: what is published arrives at once, in the same turn. */
export interface MemoryFlagSource extends FlagSource {
  /** Publishes a flagd document with the members of its segments as the next revision, which it returns. */
  publish(document: string, segments?: Segments): number;
  /** Publishes exactly this. */
  publishSnapshot(snapshot: FlagSnapshot): void;
  /** The source is lost; `recover` (or a publication) brings it back. */
  fail(error: Error): void;
  recover(): void;
}

/** Starts with the given snapshot, or with nothing published. */
export function memoryFlagSource(initial?: FlagSnapshot): MemoryFlagSource {
  let newest = initial;
  let listeners: Parameters<FlagSource['start']> | undefined;
  const recover = (): void => listeners?.[2]?.({ published: newest !== undefined });
  const publishSnapshot = (snapshot: FlagSnapshot): void => {
    newest = snapshot;
    listeners?.[0](snapshot);
    recover();
  };
  return {
    start(...given) {
      listeners = given;
      if (newest === undefined) recover();
      else publishSnapshot(newest);
    },
    async stop() {
      listeners = undefined;
    },
    publish(document, segments = {}) {
      const revision = (newest?.revision ?? 0) + 1;
      const members = Object.entries(segments).map(([name, keys]) => [name, new Set(keys)] as const);
      publishSnapshot({ revision, document, digest: sha256Hex(document), segments: new Map(members) });
      return revision;
    },
    publishSnapshot,
    fail(error) {
      listeners?.[1](error);
    },
    recover,
  };
}
