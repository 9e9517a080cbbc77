import { formatBytes } from '@crossfade/local-postgres';
import pc from 'picocolors';
import { columns } from '../columns.ts';
import { visibleLength } from '../wrap-text.ts';
import { count } from '../count.ts';
import { placeText } from './build-rehearsal.ts';
import { durationText } from './duration-text.ts';
import type {
  LongestLock,
  RehearsedStatement,
  Rehearsal,
  RehearsedLock,
  RehearsedPart,
  RehearsedPass,
} from './rehearsal-schema.ts';

/** A rehearsal for people: how it went and the worst of it first, then step by step. */
export function rehearsalText(rehearsal: Rehearsal): string[] {
  return [
    ...heading(rehearsal),
    '',
    ...columns(rehearsal.passes.map((pass, index) => passRow(pass, index, rehearsal))),
    '',
    ...rehearsal.problems.map((problem) => `${pc.red('✘')} ${problem}`),
    ...worst(rehearsal),
    '',
    ...stepLines(rehearsal),
    '',
    pc.dim(
      'Held by the plan alone: on the database itself a lock may also have to wait for who is there, up to lock_timeout.',
    ),
    ...undosNotTried(rehearsal),
    ...notRehearsed(rehearsal),
  ];
}

function heading({ plan, copy }: Rehearsal): string[] {
  const { database, sizeBytes, tookMs, sample, server, sourceServer, way } = copy;
  const rows =
    sample === null ? 'all rows' : `a sample: ${sample}${sample.endsWith('%') ? '' : ' rows of each table'}`;
  const lines = [
    pc.bold(`Rehearsal of ${plan} on a copy of "${database}"`),
    `${formatBytes(sizeBytes)}, ${rows}, copied ${way === 'files' ? 'from its files' : 'with pg_dump'} in ${durationText(tookMs)}, Postgres ${server}`,
  ];
  if (major(server) !== major(sourceServer))
    lines.push(
      `${pc.yellow('!')} The database itself runs on Postgres ${sourceServer}: there, locks and times may be others.`,
    );
  if (copy.emptyTables.length > 0)
    lines.push(
      `${pc.yellow('!')} Unlogged, so that the copy has none of their rows: ${copy.emptyTables.join(', ')}`,
    );
  return lines;
}

function major(version: string): string {
  return /^\d+/.exec(version)?.[0] ?? version;
}

function passRow({ direction, tookMs, steps }: RehearsedPass, index: number, rehearsal: Rehearsal): string[] {
  const isWell = steps.every(({ status, differs }) => status === 'done' && differs.length === 0);
  const again = direction === 'forward' && index > 0 ? ' again' : '';
  const done = steps.filter(({ status }) => status === 'done').length;
  const all = `${steps.length} ${steps.length === 1 ? 'step' : 'steps'}`;
  const counted = done === steps.length ? all : `${done} of ${all}`;
  const remark =
    direction === 'undo' && isWell
      ? 'tables, indexes, functions, … and row counts are as they were before'
      : '';
  const full =
    direction === 'forward' && rehearsal.copy.sample !== null
      ? `about ${durationText(fullMs(steps))} for all rows`
      : remark;
  return [
    `  ${isWell ? pc.green('✔') : pc.red('✘')} ${direction}${again}`,
    counted,
    durationText(tookMs),
    full,
  ];
}

function fullMs(steps: readonly RehearsedPart[]): number {
  return steps.reduce((sum, { fullTookMs }) => sum + fullTookMs, 0);
}

function worst({ longest, copy }: Rehearsal): string[] {
  const estimate = copy.sample === null ? '' : ', estimated for all rows';
  const told = (longestOne: LongestLock | null, way: string): string => {
    if (longestOne === null) return `${way}, nobody is kept from reading or writing a whole table.`;
    const { keepsOut, table, fullHeldMs, place } = longestOne;
    const whom = keepsOut === 'everybody' ? 'readers and writers' : 'writers';
    return `${way}, ${whom} of ${table} are kept out for longest: ${pc.bold(durationText(fullHeldMs))}${estimate}, by ${place}`;
  };
  return [told(longest.forward, 'Forward'), told(longest.undo, 'Taken back')];
}

/** Of both times forward the longer one: what is rare is seen once. */
interface MergedLock extends RehearsedLock {
  readonly place: string;
  readonly isUndo: boolean;
}

function stepLines(rehearsal: Rehearsal): string[] {
  const ids = [...new Set(rehearsal.passes.flatMap(({ steps }) => steps.map(({ step }) => step)))];
  const blocks = ids.map((id) => {
    const parts = rehearsal.passes.flatMap(({ direction, steps }) =>
      steps.filter(({ step }) => step === id).map((part) => ({ ...part, direction })),
    );
    const rows = mergedLocks(parts, rehearsal).map((lock) => lockRow(lock, rehearsal));
    return { title: stepTitle(id, parts, rehearsal), rows };
  });
  const header = [
    '  held',
    ...(rehearsal.copy.sample === null ? [] : ['for all rows']),
    'keeps out',
    'of table',
    'by',
  ];
  const widths = widthsOf([header, ...blocks.flatMap(({ rows }) => rows)]);
  // Each of the same widths, so that all of them together look like one table.
  const inColumns = (row: string[]): string[] =>
    columns([row.map((cell, index) => padded(cell, widths[index] ?? 0))]);
  return [
    ...inColumns(header).map((line) => pc.dim(line)),
    ...blocks.flatMap(({ title, rows }) => [title, ...rows.flatMap(inColumns)]),
  ];
}

function widthsOf(rows: readonly (readonly string[])[]): readonly number[] {
  const widths: number[] = [];
  for (const row of rows)
    for (const [index, cell] of row.entries())
      widths[index] = Math.max(widths[index] ?? 0, visibleLength(cell));
  return widths;
}

function padded(cell: string, width: number): string {
  return cell + ' '.repeat(Math.max(0, width - visibleLength(cell)));
}

type DirectedPart = RehearsedPart & { readonly direction: 'forward' | 'undo' };

function stepTitle(id: string, parts: readonly DirectedPart[], { copy }: Rehearsal): string {
  const longest = (direction: string, of: 'tookMs' | 'fullTookMs'): number | undefined => {
    const took = parts.filter((part) => part.direction === direction).map((part) => part[of]);
    return took.length === 0 ? undefined : Math.max(...took);
  };
  const [forward, undo] = [longest('forward', 'tookMs'), longest('undo', 'tookMs')];
  const rows = Math.max(0, ...parts.map((part) => part.rows ?? 0));
  const paced = Math.max(0, ...parts.map((part) => part.pacedMs ?? 0));
  const told = [
    rows > 0 ? `${count(rows)} rows in ${durationText(forward ?? 0)}` : durationText(forward ?? 0),
    copy.sample === null ? '' : `about ${durationText(longest('forward', 'fullTookMs') ?? 0)} for all rows`,
    paced > 0 ? `${durationText(paced)} at the pace of the plan` : '',
    triesText(parts),
    undo === undefined || isNothing(parts) ? '' : `undo ${durationText(undo)}`,
  ].filter((text) => text !== '');
  return `${pc.bold(id)} ${pc.dim(told.join(', '))}`;
}

/** A statement of a file is carried out once, unless it gave way to somebody, such as an autovacuum, or took too long. */
function triesText(parts: readonly DirectedPart[]): string {
  const ofFiles = parts.flatMap(({ statements }) => statements.filter(({ file }) => file !== null));
  const tries = Math.max(1, ...ofFiles.map(({ times }) => times));
  return tries > 1 ? `tried ${count(tries)} times` : '';
}

function isNothing(parts: readonly DirectedPart[]): boolean {
  return parts.every(({ direction, statements }) => direction === 'forward' || statements.length === 0);
}

/** What the plan itself has made nobody uses yet. */
function mergedLocks(parts: readonly DirectedPart[], { copy }: Rehearsal): readonly MergedLock[] {
  const inUse = new Set(copy.tables.map(({ table }) => table));
  const merged = new Map<string, MergedLock>();
  for (const { direction, statements } of parts) {
    for (const statement of statements) {
      for (const lock of statement.locks.filter(({ covered, table }) => !covered && inUse.has(table))) {
        const place = placeOfLock(statement, lock);
        const key = JSON.stringify([direction, place, lock.table, lock.index, lock.mode]);
        const before = merged.get(key);
        if (!before || before.heldMs < lock.heldMs)
          merged.set(key, { ...lock, place, isUndo: direction === 'undo' });
      }
    }
  }
  return [...merged.values()].toSorted((a, b) => Number(a.isUndo) - Number(b.isUndo));
}

/** A batch takes its rows with several statements of its own, none of which says more than the others. */
function placeOfLock(statement: RehearsedStatement, { keepsOut }: RehearsedLock): string {
  const isOfRows = statement.file === null && keepsOut === 'writers of the same rows';
  return isOfRows ? 'rows that it writes, a batch at a time' : placeText(statement);
}

function lockRow(lock: MergedLock, { copy }: Rehearsal): string[] {
  const { place, isUndo, heldMs, fullHeldMs, times, keepsOut, table, index } = lock;
  const often = times > 1 ? `, ${count(times)} times` : '';
  return [
    `  ${durationText(heldMs)}`,
    ...(copy.sample === null ? [] : [`about ${durationText(fullHeldMs)}`]),
    keepsOutText(keepsOut),
    index === null ? table : `${table} (its index ${index})`,
    `${isUndo ? 'undo ' : ''}${place}${often}`,
  ];
}

function keepsOutText(keepsOut: RehearsedLock['keepsOut']): string {
  switch (keepsOut) {
    case 'everybody':
      return pc.red('readers and writers');
    case 'writers':
      return pc.yellow('writers');
    case 'schema changes':
      return 'schema changes only';
    default:
      return keepsOut;
  }
}

function undosNotTried({ undosNotTried: left }: Rehearsal): string[] {
  if (left.length === 0) return [];
  return ['', `Undo not tried, since a contract comes before: ${left.join(', ')}`];
}

function notRehearsed({ notRehearsed: left }: Rehearsal): string[] {
  if (left.length === 0) return [];
  const reasons = [...new Set(left.map(({ why }) => why))];
  const texts = reasons.map((why) => {
    const ids = left.filter((step) => step.why === why).map(({ step }) => step);
    return [`  ${why}`, ids.join(', ')];
  });
  return ['', 'Not rehearsed:', ...columns(texts)];
}
