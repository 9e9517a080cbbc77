import type { JournalEntry, RunEvent, RunStarted, Verdict } from './events.ts';
import { withMoment } from './flicker.ts';
import { withoutPause, withPause } from './pauses.ts';
import { noSettings, settingsLeftBy } from './settings-in-force.ts';
import type { JournalState, RunState, SegmentState, StepState } from './state.ts';

export const emptyJournal: JournalState = {
  headSeq: 0,
  run: null,
  killedFlags: [],
  overrides: {},
  flagsRevision: 0,
  flagsDigest: '',
};

const newStep: StepState = {
  status: 'pending',
  startedAtMs: null,
  startedNth: 0,
  finishedAtMs: null,
  data: null,
  waitingFor: null,
  reasonsToldAtMs: [],
  pendingEffect: null,
  outcome: null,
  effectCount: 0,
  activeWorkMs: 0,
  summary: null,
  facts: {},
};

/** The state after these entries, given the state before them. Entries must follow the head without a gap. */
export function foldJournal(journal: JournalState, entries: readonly JournalEntry[]): JournalState {
  let state = journal;
  for (const entry of entries) {
    if (entry.seq !== state.headSeq + 1) {
      throw new Error(
        `journal entry ${entry.seq} does not follow ${state.headSeq}: entries are missing or repeated`,
      );
    }
    state = { ...applyEvent(state, entry.runId, entry.event, entry.atMs), headSeq: entry.seq };
  }
  return state;
}

/** One event's effect on the state. Total: an event about something unknown changes nothing. */
export function applyEvent(
  journal: JournalState,
  runId: string,
  event: RunEvent,
  atMs: number,
): JournalState {
  switch (event.type) {
    case 'run.started':
      return { ...journal, run: newRun(runId, event, atMs, journal.run) };
    case 'flag.killed':
      return { ...journal, killedFlags: [...new Set([...journal.killedFlags, event.flag])] };
    case 'flag.enabled':
      return { ...journal, killedFlags: journal.killedFlags.filter((flag) => flag !== event.flag) };
    case 'override.set':
      return {
        ...journal,
        overrides: withOverride(journal.overrides, event.flag, event.targetingKey, event.value),
      };
    case 'override.cleared':
      return { ...journal, overrides: withOverride(journal.overrides, event.flag, event.targetingKey, null) };
    case 'flags.published':
      return { ...journal, flagsRevision: event.revision, flagsDigest: event.digest };
    default:
      return journal.run?.runId === runId
        ? { ...journal, run: applyToRun(journal.run, event, atMs) }
        : journal;
  }
}

function newRun(runId: string, start: RunStarted, atMs: number, before: RunState | null): RunState {
  return {
    runId,
    status: 'running',
    start,
    startedAtMs: atMs,
    finishedAtMs: null,
    controllerStarts: 0,
    controllerStartedAtMs: null,
    phases: {},
    steps: {},
    exposures: {},
    parameters: {},
    segments: {},
    inherited: before ? settingsLeftBy(before) : noSettings,
    verdicts: {},
    failsToldAtMs: {},
    rollback: null,
    pauses: [],
    waivedWaits: [],
  };
}

type EventOfRun = Exclude<
  RunEvent,
  {
    type:
      | 'run.started'
      | 'flag.killed'
      | 'flag.enabled'
      | 'override.set'
      | 'override.cleared'
      | 'flags.published';
  }
>;

function applyToRun(run: RunState, event: EventOfRun, atMs: number): RunState {
  switch (event.type) {
    case 'controller.started':
      return { ...run, controllerStarts: run.controllerStarts + 1, controllerStartedAtMs: atMs };
    case 'phase.started':
      return { ...run, phases: { ...run.phases, [event.phase]: { startedAtMs: atMs, completedAtMs: null } } };
    case 'phase.completed': {
      const startedAtMs = run.phases[event.phase]?.startedAtMs ?? atMs;
      return { ...run, phases: { ...run.phases, [event.phase]: { startedAtMs, completedAtMs: atMs } } };
    }
    case 'exposure.changed':
      return { ...run, exposures: { ...run.exposures, [event.flag]: event.audiences } };
    case 'parameter.changed':
      return { ...run, parameters: { ...run.parameters, [event.parameter]: event.value } };
    case 'segment.grown':
      return withSegment(run, event.segment, { size: event.size });
    case 'segment.trouble':
      return withSegment(run, event.segment, { problem: event.problem });
    case 'gate.judged':
      return withVerdict(run, `${event.gate}@${event.watcher}`, event.verdict);
    case 'run.completed':
      return { ...run, status: 'completed', finishedAtMs: atMs };
    case 'run.paused':
      return withPause(run, event.reason, atMs);
    case 'run.resumed':
      return withoutPause(run, atMs);
    case 'wait.waived':
      return { ...run, waivedWaits: [...new Set([...run.waivedWaits, event.step])] };
    case 'rollback.requested':
    case 'rollback.started':
    case 'rollback.completed':
    case 'rollback.failed':
      // The way back is never paused.
      return applyRollback(withoutPause(run, atMs), event, atMs);
    case 'effect.finished':
    case 'effect.abandoned':
      return settleEffect(run, event);
    case 'step.started': {
      const startedNth = Object.keys(run.steps).length + 1;
      const started: StepState = { ...newStep, status: 'running', startedAtMs: atMs, startedNth };
      return movedOn(run, event.step, started);
    }
    case 'step.waiting':
      return { ...run, steps: { ...run.steps, [event.step]: waiting(run, event.step, event.reason, atMs) } };
    default:
      return movedOn(run, event.step, applyToStep(stepOf(run, event.step), event, atMs));
  }
}

type Overrides = JournalState['overrides'];

function withOverride(before: Overrides, flag: string, key: string, value: 'on' | 'off' | null): Overrides {
  const { [flag]: ofFlag = {}, ...others } = before;
  const { [key]: _, ...rest } = ofFlag;
  const people = value === null ? rest : { ...rest, [key]: value };
  return Object.keys(people).length === 0 ? others : { ...others, [flag]: people };
}

function withSegment(run: RunState, segment: string, change: Partial<SegmentState>): RunState {
  const before = run.segments[segment] ?? { size: null, problem: null };
  return { ...run, segments: { ...run.segments, [segment]: { ...before, ...change } } };
}

/** A wait was waived for the step as it stood: what it waits for next is another wait. */
function movedOn(run: RunState, id: string, step: StepState): RunState {
  const waivedWaits = run.waivedWaits.filter((waived) => waived !== id);
  return { ...run, waivedWaits, steps: { ...run.steps, [id]: step } };
}

function waiting(run: RunState, id: string, reason: string, atMs: number): StepState {
  const step = stepOf(run, id);
  return { ...step, waitingFor: reason, reasonsToldAtMs: withMoment(step.reasonsToldAtMs, atMs) };
}

function withVerdict(run: RunState, name: string, verdict: Verdict): RunState {
  const judged = { ...run, verdicts: { ...run.verdicts, [name]: verdict } };
  if (verdict.status !== 'fail') return judged;
  const told = withMoment(run.failsToldAtMs[name] ?? [], verdict.toMs);
  return { ...judged, failsToldAtMs: { ...run.failsToldAtMs, [name]: told } };
}

/** A step's state; a step that nothing has happened to is pending. */
export function stepOf(run: RunState, step: string): StepState {
  return run.steps[step] ?? newStep;
}

type RollbackEvent = Extract<EventOfRun, { type: `rollback.${string}` }>;

function applyRollback(run: RunState, event: RollbackEvent, atMs: number): RunState {
  switch (event.type) {
    case 'rollback.requested': {
      // Nothing is left to take back; asking once more is not an error.
      if (run.status === 'rolled_back') return run;
      const again = run.rollback !== null && run.status !== 'completed';
      const rollback = {
        requested: true,
        reason: event.reason,
        startedAtMs: atMs,
        drainUntilMs: atMs,
        failure: null,
      };
      return { ...run, rollback: again && run.rollback ? { ...run.rollback, requested: true } : rollback };
    }
    case 'rollback.started':
      return {
        ...run,
        status: 'rolling_back',
        finishedAtMs: null,
        exposures: {},
        parameters: {},
        rollback: {
          requested: false,
          reason: event.reason,
          startedAtMs: run.rollback?.startedAtMs ?? atMs,
          drainUntilMs: atMs + event.drainMs,
          failure: null,
        },
      };
    case 'rollback.completed':
      return { ...run, status: 'rolled_back', finishedAtMs: atMs };
    case 'rollback.failed': {
      const failure = `${event.step}: ${event.reason}`;
      // The failed outcome is told; asked again, the step tries its undo anew.
      const step = { ...stepOf(run, event.step), outcome: null };
      const rollback = run.rollback && { ...run.rollback, requested: false, failure };
      return { ...run, status: 'rollback_failed', rollback, steps: { ...run.steps, [event.step]: step } };
    }
  }
}

type SettlingEvent = Extract<EventOfRun, { type: 'effect.finished' | 'effect.abandoned' }>;

function settleEffect(run: RunState, event: SettlingEvent): RunState {
  const owner = Object.entries(run.steps).find(([, step]) => step.pendingEffect?.key === event.key);
  if (!owner) return run;
  const [id, step] = owner;
  const outcome = event.type === 'effect.finished' ? event.outcome : null;
  const activeWorkMs = step.activeWorkMs + (outcome?.activeMs ?? 0);
  return { ...run, steps: { ...run.steps, [id]: { ...step, pendingEffect: null, outcome, activeWorkMs } } };
}

type StepEvent = Exclude<
  Extract<EventOfRun, { type: `step.${string}` | 'effect.requested' }>,
  { type: 'step.started' | 'step.waiting' }
>;

function applyToStep(step: StepState, event: StepEvent, atMs: number): StepState {
  switch (event.type) {
    case 'step.progressed':
      return { ...step, data: event.state, outcome: null, waitingFor: null };
    case 'effect.requested': {
      const { key, direction, kind, input } = event;
      const pendingEffect = { key, direction, kind, input };
      return { ...step, pendingEffect, outcome: null, waitingFor: null, effectCount: step.effectCount + 1 };
    }
    case 'step.completed':
      return {
        ...step,
        status: 'completed',
        finishedAtMs: atMs,
        waitingFor: null,
        summary: event.summary,
        facts: event.facts,
      };
    case 'step.failed':
      return { ...step, status: 'failed', finishedAtMs: atMs, waitingFor: null, summary: event.reason };
    case 'step.undo_started':
      return { ...step, status: 'undoing', outcome: null, waitingFor: null };
    case 'step.undone':
      return { ...step, status: 'undone', finishedAtMs: atMs, waitingFor: null, summary: event.summary };
  }
}
