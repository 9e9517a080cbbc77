import { spawn } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Bench } from './bench.ts';
import { treeMemoryBytes } from './process-memory.ts';

const crossfade = join(import.meta.dirname, '..', '..', 'apps', 'cli', 'bin', 'crossfade.mjs');

/** What of report.json is told here. */
interface ReportFigures {
  readonly run: { readonly status: string };
  readonly requests: {
    readonly total: number;
    readonly failed: number;
    readonly p95Ms: number;
    readonly baseline: { readonly p95Ms: number };
  };
  readonly data: { readonly rows: number; readonly lost: number; readonly acknowledged: number };
  readonly flags: Readonly<Record<string, { readonly shownTo: number | null }>>;
  readonly use: {
    readonly flags: Readonly<Record<string, { readonly on: number; readonly turnedOff: number }>>;
    readonly switchedOff: readonly { readonly offEverywhereAfterMs: number | null }[];
  };
}

/** `npm start -- --exit` from nothing, with the memory of all its processes looked at each second. */
export const mainJobBench: Bench = async ({ file }) => {
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-bench-'));
  try {
    const startedMs = performance.now();
    const given = ['demo', '--exit', ...(file ? ['--import', file] : [])];
    const child = spawn(process.execPath, [crossfade, ...given], {
      stdio: ['ignore', 2, 2],
      env: { ...process.env, CROSSFADE_FOLDER: folder, DATABASE_URL: '' },
    });
    let peakBytes = 0;
    const look = () => {
      if (child.pid !== undefined) peakBytes = Math.max(peakBytes, treeMemoryBytes(child.pid));
    };
    const timer = setInterval(look, 1_000);
    const exitCode = await new Promise<number>((resolve, reject) => {
      child.once('error', reject);
      child.once('exit', (code) => resolve(code ?? -1));
    });
    clearInterval(timer);
    const seconds = (performance.now() - startedMs) / 1_000;
    const reportFile = join(folder, 'report', 'report.json');
    if (!existsSync(reportFile))
      throw new Error(`the main job ended with exit code ${exitCode}, and no report`);
    const report = JSON.parse(readFileSync(reportFile, 'utf8')) as ReportFigures;
    return {
      exitCode,
      status: report.run.status,
      seconds: round(seconds),
      peakMemoryMiB: round(peakBytes / 1_048_576),
      rowsBackfilled: report.data.rows,
      rowsLost: report.data.lost,
      requests: report.requests.total,
      requestsFailed: report.requests.failed,
      messagesAcknowledged: report.data.acknowledged,
      p95Ms: report.requests.p95Ms,
      baselineP95Ms: report.requests.baseline.p95Ms,
      ...flagFigures(report),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

/** -1 for the kill switch where it was not used, or it is not known that a flag was off everywhere. */
function flagFigures({ flags, use }: ReportFigures): Record<string, number | boolean> {
  const told = Object.entries(use.flags);
  const lags = use.switchedOff.map(({ offEverywhereAfterMs }) => offEverywhereAfterMs);
  const isKnown = lags.length > 0 && !lags.includes(null);
  return {
    peopleWhoLostAFlag: told.reduce((sum, [, { turnedOff }]) => sum + turnedOff, 0),
    exposuresAgreeWithPeople: told.every(([flag, { on }]) => flags[flag]?.shownTo === on),
    slowestKillOffEverywhereMs: isKnown ? Math.max(...lags.map(Number)) : -1,
  };
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
