import {
  bindPlan,
  TerminalError,
  type BoundPlan,
  type GateType,
  type Json,
  type PerformContext,
  type StepMove,
  type StepType,
  type StepView,
  type Verdict,
} from '@crossfade/engine';
import { durationSchema, type Plan, type Step } from '@crossfade/plan';

/** What the steps of the test plan have done to the world, and how the world shall treat them. */
export interface World {
  /** Keys by the order in which `perform` was called, repetitions included. */
  readonly calls: string[];
  /** Keys whose work is done: doing it again changes nothing. */
  readonly done: Set<string>;
  /** Keys whose work was told to stop and has stopped. */
  readonly letGo: string[];
  /** Errors to be met by the next calls for a step. */
  readonly errors: Map<string, Error[]>;
  /** Steps whose work goes on until it is aborted. */
  readonly endless: Set<string>;
  /** How long an aborted step takes to let go. */
  lettingGo: Promise<void>;
  verdict: Verdict['status'];
}

export function createWorld(): World {
  return {
    calls: [],
    done: new Set(),
    letGo: [],
    errors: new Map(),
    endless: new Set(),
    lettingGo: Promise.resolve(),
    verdict: 'pass',
  };
}

/** What a test plan shows to everybody, and sets. */
interface Shown {
  readonly flag: string;
  readonly parameter: string;
}

/** Two phases: some work; then a flag is shown to everybody, and some more work. One guardrail. */
export function workPlan(
  world: World,
  name = 'work',
  shown: Shown = { flag: 'search', parameter: 'share' },
): BoundPlan {
  const plan: Plan = {
    name,
    title: 'Work',
    description: '',
    calendar: {
      weeks: 1,
      start: { kind: 'weekday', week: 1, weekday: 0, minuteOfDay: 0 },
      defaultMinuteOfDay: 540,
    },
    segments: {},
    groups: {},
    flags: { [shown.flag]: { title: 'Shown', description: '' }, calls: { title: 'Calls', description: '' } },
    parameters: {
      [shown.parameter]: { title: 'Set', description: '', default: 0, minimum: 0, maximum: 100 },
    },
    gates: { errors: { type: 'fixed', title: 'Errors', config: {} } },
    guardrails: ['errors'],
    success: [],
    phases: [
      {
        id: 'first',
        title: 'First',
        description: '',
        steps: [step('prepare', 'work'), step('fill', 'work', ['prepare'])],
      },
      {
        id: 'second',
        title: 'Second',
        description: '',
        steps: [step('show', 'show'), step('finish', 'work', ['show'])],
      },
    ],
  };
  const steps = { work: workStep(world), show: showStep(world, shown) };
  return bindPlan(
    plan,
    `digest of ${name}`,
    { 'plan.yaml': name },
    { steps, gates: { fixed: fixedGate(world) } },
  );
}

function step(id: string, type: string, after: readonly string[] = []): Step {
  return { id, type, title: id, description: '', at: null, after, notice: null, config: {} };
}

const stepBasics = {
  about: '',
  // Plans are bound as they stand here: no settings are read.
  configSchema: durationSchema,
  reversibility: 'reversible',
  describe: () => '',
  references: () => ({ files: [], gates: [], flags: [], groups: [], parameters: [] }),
  lint: () => [],
  watches: () => [],
} as const;

/** One effect forward, one effect back. */
function workStep(world: World): StepType<unknown> {
  return {
    ...stepBasics,
    type: 'work',
    forward: (view) => effectOnce(view, 'do'),
    undo: (view) => effectOnce(view, 'take-back'),
    perform: async ({ key }, context) => await work(world, key, context),
  };
}

/** Shows the flag to everybody and sets the parameter, after an effect of its own. */
function showStep(world: World, { flag, parameter }: Shown): StepType<unknown> {
  return {
    ...workStep(world),
    type: 'show',
    forward: (view) => {
      if (view.data === 'shown') return { move: 'done', summary: 'shown', facts: {} };
      if (view.outcome === null) return effectOnce(view, 'do');
      const audiences = [{ segment: null, percentage: 100 }];
      const changes = [
        { change: 'exposure', flag, audiences },
        { change: 'parameter', parameter, value: 50 },
      ] as const;
      return { move: 'progress', data: 'shown', note: 'shown', changes };
    },
  };
}

function effectOnce(view: StepView<unknown>, kind: string): StepMove {
  if (view.outcome?.status === 'succeeded') return { move: 'done', summary: kind, facts: {} };
  return { move: 'effect', kind, input: null, data: null, note: kind };
}

async function work(world: World, key: string, context: PerformContext): Promise<Json> {
  const { stepId, signal } = context;
  world.calls.push(key);
  context.report({ done: 0, total: 1, unit: 'rows', note: `${stepId} at work` });
  const error = world.errors.get(stepId)?.shift();
  if (error) throw error;
  if (world.endless.has(stepId) && key.includes('/forward/')) await untilAborted(world, key, signal);
  world.done.add(key);
  return { key };
}

async function untilAborted(world: World, key: string, signal: AbortSignal): Promise<never> {
  if (!signal.aborted) {
    await new Promise<void>((resolve) => {
      signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
  await world.lettingGo;
  world.letGo.push(key);
  throw new DOMException('aborted', 'AbortError');
}

export function terminal(message: string): Error {
  return new TerminalError(message);
}

function fixedGate(world: World): GateType<unknown> {
  return {
    type: 'fixed',
    about: '',
    configSchema: durationSchema,
    describe: () => '',
    windowMs: () => 1_000,
    measure: async () => null,
    assess: (_config, _measurement, { fromMs, toMs }) => ({
      status: world.verdict,
      evidence: `the world says ${world.verdict}`,
      value: null,
      limit: null,
      samples: 1,
      fromMs,
      toMs,
    }),
  };
}
