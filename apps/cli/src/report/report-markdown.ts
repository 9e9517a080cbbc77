import { describeDurationMs } from '@crossfade/plan';
import { audienceText } from '../audience-text.ts';
import { count, counted } from '../count.ts';
import type { Report } from './report-schema.ts';

/** The report for people: the story first, then the figures it rests on. */
export function reportMarkdown(report: Report): string {
  const sections = [
    `# ${report.run.plan}: ${headline(report)}`,
    story(report),
    '## Requests',
    requestTable(report),
    '## Data',
    dataSection(report),
    '## Who saw what',
    flagSection(report),
    '## Phases',
    ...report.phases.map(phaseSection),
    '## What was promised',
    successTable(report),
    '## Roll-backs',
    rollbackSection(report),
    '## Proof',
    proof(report),
  ];
  return `${sections.join('\n\n')}\n`;
}

/** "completed, no request failed, no row lost": what somebody reads first. */
export function headline({ run, requests, data }: Report): string {
  const failed =
    requests.total === 0 ? 'requests not recorded' : `${countedOrNone(requests.failed, 'request')} failed`;
  const lost = `${countedOrNone(data.lost, 'row')} ${data.lost > 1 ? 'were' : 'was'} lost`;
  return `${run.status.replaceAll('_', ' ')}, ${failed}, ${lost}`;
}

/** "no row", "1 row", "2 rows". */
function countedOrNone(value: number, noun: string): string {
  return value === 0 ? `no ${noun}` : counted(value, noun);
}

function story({ run, requests, data }: Report): string {
  const finishedMs = run.finishedAt ? Date.parse(run.finishedAt) - Date.parse(run.startedAt) : null;
  const took = finishedMs === null ? 'is not finished' : `took ${describeDurationMs(finishedMs)}`;
  const speed = run.speed === 1 ? 'in real time' : `at ${count(run.speed)} times the speed of its calendar`;
  const restarts = run.restarts === 0 ? '' : ` Its controller was started again ${times(run.restarts)}.`;
  const paced =
    run.speed === 1
      ? ''
      : ' Paces that the plan gives in rows per second were kept in plan time, so they were this much faster too.';
  return (
    `The run started ${run.startedAt} and ${took}, ${speed}; ${describeDurationMs(run.activeWorkMs)} of that was work on ` +
    `the database and the application. ${people(requests, data)}${restarts}${paced}`
  );
}

function people(requests: Report['requests'], data: Report['data']): string {
  if (requests.total === 0) return "What people did meanwhile was not recorded: there is no clients' log.";
  return (
    `People made ${count(requests.total)} requests, ${count(requests.baseline.total)} of them before the run, and sent ` +
    `${count(data.acknowledged)} messages; ${count(data.found)} of these were read again afterwards, unchanged.`
  );
}

function requestTable({ requests, phases }: Report): string {
  if (requests.total === 0) return "Not recorded: there is no clients' log.";
  const row = (name: string, figures: Report['requests']['byPhase'][string]) =>
    `| ${name} | ${count(figures.total)} | ${count(figures.failed)} | ${ms(figures.p50Ms)} | ${ms(figures.p95Ms)} | ${ms(figures.p99Ms)} |`;
  const { baseline } = requests;
  return [
    '| | requests | failed | p50 | p95 | p99 |',
    '| --- | ---: | ---: | ---: | ---: | ---: |',
    `| before the run | ${count(baseline.total)} | ${count(Math.round((baseline.errorRate ?? 0) * baseline.total))} | | ${ms(baseline.p95Ms)} | |`,
    ...phases.flatMap(({ id, title }) => (requests.byPhase[id] ? [row(title, requests.byPhase[id])] : [])),
    row('**all**', requests),
    '',
    `Latency is counted from the moment a request was meant to be sent; log-ins, slow on purpose, are counted but not timed. ${count(requests.retries)} tries were repeated, as real clients do.`,
  ].join('\n');
}

function dataSection({ data }: Report): string {
  const rows = data.backfills.map(
    (b) =>
      `| ${b.step} | ${count(b.rows)} | ${count(b.migrated)} | ${count(b.skipped)} | ${count(b.quarantined)} | ${count(b.vanished)} | ${count(b.remaining)} | ${count(Math.round(b.rowsPerSecond))} |`,
  );
  return [
    '| backfill | rows passed | migrated | skipped | quarantined | vanished | left | rows/s |',
    '| --- | ---: | ---: | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
    ...data.backfills.map(({ step, note }) => `- ${step}: ${note}`),
    '',
    `Messages acknowledged to clients: ${count(data.acknowledged)}; found again unchanged: ${count(data.found)}; ` +
      `seen twice: ${count(data.duplicated)}; out of order: ${count(data.outOfOrder)}. **Lost: ${count(data.lost)}.**`,
  ].join('\n');
}

function flagSection({ flags, use }: Report): string {
  const rows = Object.entries(flags).map(([flag, { audiences, killed }]) => {
    const now = killed ? 'nobody (switched off by an operator)' : audienceText(audiences);
    const told = use.flags[flag];
    // Of an application that reports nothing, nothing is known: not that it was nobody.
    const figures = told?.asked
      ? [told.on, told.asked, told.heldBack, told.usedBy, told.turnedOff]
      : [null, null, null, told?.usedBy ?? null, null];
    return `| ${flag} | ${now} | ${figures.map(optional).join(' | ')} |`;
  });
  return [
    '| flag | on for | people shown it | of | held back | used it | lost it |',
    '| --- | --- | ---: | ---: | ---: | ---: | ---: |',
    ...rows,
    '',
    'As the application reported: "of" are all people for whom it asked; "lost it" had it and then had it no more, although nobody switched it off.',
    '',
    ...switchedOffLines(use),
    '| when | flags | on for |',
    '| --- | --- | --- |',
    ...exposureRows(flags),
  ].join('\n');
}

function switchedOffLines({ switchedOff }: Report['use']): string[] {
  const lines = switchedOff.map((told) => `- ${clock(told.at)} ${told.flag} ${switchedOffText(told)}.`);
  return lines.length > 0 ? [...lines, ''] : [];
}

function switchedOffText({
  reason,
  wasOn,
  processes,
  offEverywhereAfterMs,
  shownAfterwards,
}: Report['use']['switchedOff'][number]): string {
  const what = `switched off (${reason})`;
  if (!wasOn) return `${what}: it was open to nobody`;
  if (processes === 0) return `${what}: the application does not report since when it goes by it`;
  const when =
    offEverywhereAfterMs === null
      ? `not every one of ${processes} processes has said that it was off`
      : `off in all ${processes} processes after ${ms(offEverywhereAfterMs)}`;
  const wrong = `; ${count(shownAfterwards)} people were shown it by flags that had it off`;
  return `${what}: ${when}${shownAfterwards > 0 ? wrong : ''}`;
}

/** One row a moment: flags that went to the same people together are named together. */
function exposureRows(flags: Report['flags']): string[] {
  const moments = new Map<string, string[]>();
  for (const [flag, { history }] of Object.entries(flags)) {
    for (const { at, audiences } of history) {
      const moment = `${at}|${audienceText(audiences)}`;
      moments.set(moment, [...(moments.get(moment) ?? []), flag]);
    }
  }
  return [...moments.entries()]
    .toSorted(([a], [b]) => (a < b ? -1 : 1))
    .map(([moment, names]) => {
      const [at = '', audience = ''] = moment.split('|');
      return `| ${clock(at)} | ${names.join(', ')} | ${audience} |`;
    });
}

function optional(value: number | null): string {
  return value === null ? '–' : count(value);
}

function phaseSection(phase: Report['phases'][number]): string {
  const steps = phase.steps.map(
    ({ status, id, summary }) => `| ${status} | ${id} | ${(summary ?? '').replaceAll('|', '\\|')} |`,
  );
  return [`### ${phase.title}`, '', '| | step | |', '| --- | --- | --- |', ...steps].join('\n');
}

function successTable({ success }: Report): string {
  const rows = success.map(
    (c) => `| ${c.result} | ${c.title} | ${c.target} | ${c.evidence.replaceAll('|', '\\|')} |`,
  );
  return ['| | criterion | target | evidence |', '| --- | --- | --- | --- |', ...rows].join('\n');
}

function rollbackSection({ rollbacks }: Report): string {
  if (rollbacks.length === 0) return 'None.';
  return rollbacks
    .map(
      ({ runId, reason, startedAt, flagsOffAfterMs, finishedAt }) =>
        `- ${clock(startedAt)} run ${runId}: ${reason}. ${flagsOff(flagsOffAfterMs)}; ` +
        (finishedAt ? `everything was back at ${clock(finishedAt)}.` : 'not finished.'),
    )
    .join('\n');
}

function flagsOff(afterMs: number | null): string {
  if (afterMs === null) return 'No flag was on';
  return afterMs === 0 ? 'Flags were off in the same commit' : `Flags were off after ${ms(afterMs)}`;
}

function proof({ run }: Report): string {
  return (
    `Plan digest \`${run.digest}\`. The journal has ${count(run.journalEntries)} entries and ends with \`${run.journalHead}\`. ` +
    '`crossfade audit verify` recomputes its chain; `crossfade report --recompute` derives every figure above again.'
  );
}

export function ms(value: number | null): string {
  return value === null
    ? '–'
    : `${value < 10 ? value.toFixed(1) : Math.round(value).toLocaleString('en-US')} ms`;
}

function times(value: number): string {
  return value === 1 ? 'once' : `${value} times`;
}

function clock(iso: string): string {
  return `${iso.slice(11, 19)} UTC`;
}
