import {
  emptyJournal,
  foldJournal,
  stepOf,
  type BoundPlan,
  type FlagUse,
  type JournalEntry,
  type RunState,
} from '@crossfade/engine';
import { dataFigures } from './data-figures.ts';
import { logOfRun, type ClientLog, type ClientRequest } from './client-log.ts';
import { flagFigures } from './flag-figures.ts';
import { isoTime, isoTimeOrNull } from './iso-time.ts';
import type { Report } from './report-schema.ts';
import { requestFigures } from './request-figures.ts';
import { rollbackFigures } from './rollback-figures.ts';
import { useFigures } from './use-figures.ts';
import { successFigures } from './success-figures.ts';

export interface ReportSources {
  readonly bound: BoundPlan;
  /** The whole journal, oldest first. */
  readonly entries: readonly JournalEntry[];
  readonly clientLog: ClientLog;
  /** What applications have reported in the run's span, and until when. */
  readonly flagUse: FlagUse;
  readonly untilMs: number;
}

/**
 * The report on the newest run. A function of the journal, the clients' log and what applications reported, alone: made again
 * from the same three, it is the same to the last figure.
 * @throws Error when the journal holds no run.
 */
export function buildReport({ bound, entries, clientLog, flagUse, untilMs }: ReportSources): Report {
  const journal = foldJournal(emptyJournal, entries);
  const { run } = journal;
  if (!run) throw new Error('the journal holds no run to report on');
  const log = logOfRun(clientLog, run.startedAtMs);
  const ofRun = entries.filter((entry) => entry.runId === run.runId);
  return {
    version: 1,
    run: runFigures(run, entries),
    requests: requestSection(run, bound, log),
    data: dataFigures(run, bound, log),
    flags: flagFigures(bound, journal, ofRun, log),
    use: useFigures(Object.keys(bound.plan.flags), run.runId, entries, flagUse, untilMs),
    phases: phaseFigures(run, bound),
    success: successFigures(run, bound),
    rollbacks: rollbackFigures(entries),
  };
}

function runFigures(run: RunState, entries: readonly JournalEntry[]): Report['run'] {
  const steps = Object.values(run.steps);
  return {
    id: run.runId,
    plan: run.start.plan,
    digest: run.start.planDigest,
    status: run.status,
    speed: run.start.speed,
    startedAt: isoTime(run.startedAtMs),
    finishedAt: isoTimeOrNull(run.finishedAtMs),
    restarts: Math.max(0, run.controllerStarts - 1),
    activeWorkMs: Math.round(steps.reduce((sum, step) => sum + step.activeWorkMs, 0)),
    journalEntries: entries.length,
    journalHead: entries.at(-1)?.hash ?? '',
  };
}

function requestSection(run: RunState, bound: BoundPlan, { requests }: ClientLog): Report['requests'] {
  const before = requests.filter((request) => request.at < run.startedAtMs);
  const baseline = requestFigures(before);
  const byPhase: Report['requests']['byPhase'] = {};
  for (const { id } of bound.plan.phases) {
    const phase = run.phases[id];
    if (!phase) continue;
    const untilMs = phase.completedAtMs ?? run.finishedAtMs ?? Number.POSITIVE_INFINITY;
    const inPhase = (request: ClientRequest) => request.at >= phase.startedAtMs && request.at < untilMs;
    byPhase[id] = requestFigures(requests.filter(inPhase));
  }
  return {
    ...requestFigures(requests),
    retries: requests.reduce((sum, request) => sum + Math.max(0, request.tries - 1), 0),
    baseline: {
      total: baseline.total,
      p95Ms: baseline.p95Ms,
      errorRate: baseline.total > 0 ? baseline.failed / baseline.total : null,
    },
    byPhase,
  };
}

function phaseFigures(run: RunState, bound: BoundPlan): Report['phases'] {
  return bound.plan.phases.map((phase) => ({
    id: phase.id,
    title: phase.title,
    startedAt: isoTimeOrNull(run.phases[phase.id]?.startedAtMs),
    finishedAt: isoTimeOrNull(run.phases[phase.id]?.completedAtMs),
    steps: phase.steps.map((step) => {
      const state = stepOf(run, step.id);
      return {
        id: step.id,
        type: step.type,
        title: step.title,
        status: state.status,
        summary: state.summary,
        startedAt: isoTimeOrNull(state.startedAtMs),
        finishedAt: isoTimeOrNull(state.finishedAtMs),
        activeWorkMs: Math.round(state.activeWorkMs),
      };
    }),
  }));
}
