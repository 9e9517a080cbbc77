import { TerminalError, type TargetConnection } from '@crossfade/engine';
import { describeDurationMs } from '@crossfade/plan';
import { inTransaction } from '../target/in-transaction.ts';
import { describeLockHolders, findLockHolders } from '../target/lock-holders.ts';
import { longestTransaction } from '../target/longest-transaction.ts';
import { serverDisk, type ServerDisk } from '../target/server-disk.ts';
import type { Statement } from '../sql/parse-statements.ts';
import { describeBytes } from '../text.ts';
import { locksOf } from './lock-strength.ts';
import { addUp, estimateDiskNeed, sizeOf, widthsOf, type TableSize } from './preflight/disk-need.ts';
import { diskUsesOf, type DiskUse } from './preflight/disk-use.ts';
import { missingRights } from './preflight/missing-rights.ts';
import { rightsNeeded } from './preflight/rights-needed.ts';
import { runsInTransaction } from './transaction-block.ts';
import type { SchemaWork } from './schema-work.ts';

const limits = { lockTimeoutMs: 5_000, statementTimeoutMs: 30_000, readOnly: true };

/** What is still to be applied, and what would take it back: that must be allowed, too. */
interface Planned {
  readonly apply: readonly Statement[];
  readonly revert: readonly Statement[];
}

/**
 * Looks whether a migration can be carried out, before anything is done, and tells what it will meet.
 * @throws TerminalError with all that speaks against it, a line each.
 */
export async function preflight(
  { connection, context, config }: SchemaWork,
  planned: Planned,
): Promise<void> {
  const { findings, notes } = await inTransaction(connection, limits, async () => {
    const needs = [...planned.apply, ...planned.revert].flatMap(rightsNeeded);
    const rights = needs.length === 0 ? [] : await missingRights(connection, config.file, needs);
    const disk = await lookAtDisk(connection, config.file, planned.apply);
    const met = await whatIsMet(connection, planned.apply);
    return { findings: [...new Set([...rights, ...disk.findings])], notes: [...disk.notes, ...met] };
  });
  if (findings.length > 0) throw new TerminalError(findings.join('\n'));
  const note = `looked before it begins: ${notes.join('; ')}`;
  context.report({ done: 0, total: planned.apply.length, unit: 'statements', note });
}

interface Look {
  readonly findings: readonly string[];
  readonly notes: readonly string[];
}

async function lookAtDisk(
  connection: TargetConnection,
  file: string,
  statements: readonly Statement[],
): Promise<Look> {
  const uses = statements.flatMap(diskUsesOf);
  const sizes = [];
  for (const use of uses) {
    const size = await sizeOf(connection, use.table);
    if (size) sizes.push({ use, size });
  }
  const needBytes = needOf(sizes);
  if (needBytes === 0) return { findings: [], notes: [] };
  const isThere = sizes.every(({ size }) => size.inDataDirectory);
  const disk = isThere ? await serverDisk(connection) : undefined;
  const lines = sizes.map(({ use }) => use.line);
  const coarse = judgeDisk(file, lines, needBytes, disk);
  if (coarse.findings.length === 0) return coarse;
  // How wide the columns are takes long to ask, and is of interest only where room is scarce.
  const fine = [];
  for (const { use, size } of sizes) {
    fine.push({ use, size: { ...size, widths: await widthsOf(connection, use.table) } });
  }
  return judgeDisk(file, lines, needOf(fine), disk);
}

function needOf(sizes: readonly { readonly use: DiskUse; readonly size: TableSize }[]): number {
  return addUp(sizes.map(({ use, size }) => estimateDiskNeed(use, size)));
}

/** Of the free space a tenth is left to others, who go on writing meanwhile. */
export function judgeDisk(
  file: string,
  lines: readonly number[],
  needBytes: number,
  disk: ServerDisk | undefined,
): Look {
  const need = `${describeBytes(needBytes)} of disk`;
  if (!disk)
    return { findings: [], notes: [`needs up to ${need}, and how much is free is not known from here`] };
  const free = `${describeBytes(disk.freeBytes)} are free`;
  if (needBytes <= disk.freeBytes * 0.9) return { findings: [], notes: [`needs up to ${need}, ${free}`] };
  const where = `${file}:${[...new Set(lines)].join(', ')}`;
  return {
    findings: [
      `${where}: needs about ${need}, and ${free} in ${disk.directory}, of which a tenth is left to others: make room there`,
    ],
    notes: [],
  };
}

/** Whom the migration will keep out, who is in its way, and the oldest transaction. */
async function whatIsMet(
  connection: TargetConnection,
  statements: readonly Statement[],
): Promise<readonly string[]> {
  // What is built CONCURRENTLY lets everybody go on.
  const locks = locksOf(statements.filter(runsInTransaction));
  const kept = locks.filter(({ keepsOut }) => keepsOut !== 'nobody');
  const tables = (of: string): string =>
    [
      ...new Set(
        kept
          .filter(({ keepsOut }) => keepsOut === of)
          .flatMap(({ relations }) => relations.map(({ name }) => name)),
      ),
    ].join(', ');
  const [everybody, writers] = [tables('everybody'), tables('writers')];
  const holders = await findLockHolders(connection, { locks, lockTimeoutMs: 1, concurrently: false });
  const longest = await longestTransaction(connection);
  return [
    ...(everybody ? [`keeps everybody out of ${everybody} for a moment`] : []),
    ...(writers ? [`keeps writers out of ${writers} for a moment`] : []),
    holders.length > 0 ? describeLockHolders(holders) : 'nobody is in the way',
    longest
      ? `the longest transaction is open for ${describeDurationMs(Math.round(longest.ageMs))} (${longest.who}, process ${longest.pid})`
      : 'no transaction is open',
  ];
}
