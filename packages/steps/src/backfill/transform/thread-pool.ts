import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { basename, extname, join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { TerminalError, type PerformContext } from '@crossfade/engine';
import type { TransformConfig } from '../config.ts';
import type { Change, SourceRow } from './transform-module.ts';
import { TransformThread } from './transform-thread.ts';

/** A worker's batches need one thread at a time: there are as many as work at once. */
export interface ThreadPool {
  changesOf(rows: readonly SourceRow[], signal: AbortSignal): Promise<readonly Change[]>;
  close(): Promise<void>;
}

const memoryMb = 128;

/** The file as the plan was pinned with it, whatever has become of the folder since. */
export async function openThreadPool(
  { file, write, timeout }: TransformConfig,
  files: PerformContext['files'],
): Promise<ThreadPool> {
  const text = files[file];
  if (text === undefined) throw new TerminalError(`${file}: the plan has no such file`);
  const folder = await mkdtemp(join(tmpdir(), 'crossfade-transform-'));
  const path = join(folder, basename(file));
  await writeFile(path, text, { mode: 0o600 });
  const type = extname(file) === '.cts' || extname(file) === '.cjs' ? 'commonjs' : 'module';
  await writeFile(join(folder, 'package.json'), JSON.stringify({ type }));
  const options = { url: pathToFileURL(path).href, file, written: write, timeoutMs: timeout, memoryMb };
  const all: TransformThread[] = [];
  const free: TransformThread[] = [];
  return {
    async changesOf(rows, signal) {
      const thread = free.pop() ?? new TransformThread(options);
      if (!all.includes(thread)) all.push(thread);
      try {
        return await thread.changesOf(rows, signal);
      } finally {
        free.push(thread);
      }
    },
    async close() {
      await Promise.all(all.map(async (thread) => await thread.stop()));
      await rm(folder, { recursive: true, force: true });
    },
  };
}
