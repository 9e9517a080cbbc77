import { vi } from 'vitest';
import { createCommandLine } from '../command-line.ts';
import type { CrossfadeEnd } from './crossfade-process.ts';

/**
 * The command in this process, from its words to its exit code: a second faster than a process of its own, where that is not
 * the point. One at a time: what is written meanwhile is taken for its output.
 */
export async function crossfadeHere(...words: string[]): Promise<CrossfadeEnd> {
  const written = { stdout: '', stderr: '' };
  const spies = (['stdout', 'stderr'] as const).map((name) =>
    vi.spyOn(process[name], 'write').mockImplementation((text) => {
      written[name] += String(text);
      return true;
    }),
  );
  try {
    process.exitCode = undefined;
    await createCommandLine(words).run();
    return { code: Number(process.exitCode), signal: null, ...written };
  } finally {
    process.exitCode = undefined;
    for (const spy of spies) spy.mockRestore();
  }
}
