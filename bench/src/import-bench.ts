import { execFile } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { startEmbeddedPostgres } from '@crossfade/local-postgres';
import type { Bench } from './bench.ts';
import { writeSlackExport } from './slack-export.ts';

const parley = join(import.meta.dirname, '..', '..', 'apps', 'parley-server', 'src', 'main.ts');
const run = promisify(execFile);

interface ImportSummary {
  readonly inserted: number;
  readonly people: number;
  readonly tookMs: number;
  readonly peakRssBytes: number;
}

/** A Slack export (`--file`, else one of 200,000 made-up messages) into an empty Parley on an embedded Postgres. */
export const importBench: Bench = async ({ file }) => {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-bench-'));
  const postgres = await startEmbeddedPostgres({ directory: join(folder, 'postgres') });
  try {
    const zip = file ?? join(folder, 'export.zip');
    if (!file) await writeSlackExport(zip, 200_000);
    const env = { ...process.env, DATABASE_URL: await postgres.ensureDatabase('parley') };
    await run(process.execPath, [parley, 'install'], { env });
    const startedMs = performance.now();
    const { stdout } = await run(process.execPath, [parley, 'import', zip], { env, maxBuffer: 1_048_576 });
    const seconds = (performance.now() - startedMs) / 1_000;
    const summary = JSON.parse(stdout.trim().split('\n').at(-1) ?? '') as ImportSummary;
    return {
      messages: summary.inserted,
      people: summary.people,
      seconds: Math.round(seconds * 10) / 10,
      messagesPerSecond: Math.round(summary.inserted / seconds),
      peakMemoryMiB: Math.round(summary.peakRssBytes / 104_857.6) / 10,
    };
  } finally {
    await postgres.stop();
    rmSync(folder, { recursive: true, force: true });
  }
};
