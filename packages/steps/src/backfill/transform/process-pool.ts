import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TerminalError, type PerformContext } from '@crossfade/engine';
import type { TransformConfig } from '../config.ts';
import type { Change, SourceRow, StoredRow } from './transform-module.ts';
import { TransformProcess } from './transform-process.ts';

/** A worker's batches need one process at a time: there are as many as work at once. */
export interface ProcessPool {
  changesOf(rows: readonly SourceRow[], signal: AbortSignal): Promise<readonly Change[]>;
  /** The keys of rows for which the inverse does not bring back what is read. */
  differingOf(rows: readonly StoredRow[], signal: AbortSignal): Promise<readonly string[]>;
  hasInverse(signal: AbortSignal): Promise<boolean>;
  close(): Promise<void>;
}

const memoryMb = 128;

/** The file as the plan was pinned with it, whatever has become of the folder since. */
export async function openProcessPool(
  { file, write, timeout }: TransformConfig,
  files: PerformContext['files'],
): Promise<ProcessPool> {
  const text = files[file];
  if (text === undefined) throw new TerminalError(`${file}: the plan has no such file`);
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-transform-'));
  const path = join(folder, basename(file));
  await writeFile(path, text, { mode: 0o600 });
  const type = extname(file) === '.cts' || extname(file) === '.cjs' ? 'commonjs' : 'module';
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type }));
  const options = { url: pathToFileURL(path).href, file, written: write, timeoutMs: timeout, memoryMb };
  const all: TransformProcess[] = [];
  const free: TransformProcess[] = [];
  async function withOne<T>(work: (one: TransformProcess) => Promise<T>): Promise<T> {
    const one = free.pop() ?? new TransformProcess(options);
    if (!all.includes(one)) all.push(one);
    try {
      return await work(one);
    } finally {
      free.push(one);
    }
  }
  return {
    changesOf: async (rows, signal) => await withOne(async (one) => await one.changesOf(rows, signal)),
    differingOf: async (rows, signal) => await withOne(async (one) => await one.differingOf(rows, signal)),
    hasInverse: async (signal) => await withOne(async (one) => await one.hasInverse(signal)),
    async close() {
      for (const one of all) one.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
