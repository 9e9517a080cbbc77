import type { Json, Metrics, PerformContext } from '@crossfade/engine';
import { createPostgresTarget, systemClock, systemRandom } from '@crossfade/controller';
import { stepCatalog } from '@crossfade/steps';

export interface StepToDo {
  readonly type: string;
  /** Its effects, in the order in which the step asks for them. */
  readonly effects: readonly string[];
  readonly settings: object;
  readonly files?: Readonly<Record<string, string>>;
  /** What the application measures, for a step that heeds it. */
  readonly metrics?: Metrics;
}

const never = (): Promise<never> => Promise.reject(new Error('no step of this measurement asks for that'));
const noMetrics: Metrics = { counterIncrease: never, histogramIncrease: never, ask: never };
let steps = 0;

/** Carries a step out as the controller would, on the real clock, and tells in how many attempts. */
export async function performStep(url: string, todo: StepToDo): Promise<{ readonly attempts: number }> {
  const step = stepCatalog[todo.type];
  if (!step) throw new Error(`there is no step type ${todo.type}`);
  const config = step.configSchema.parse(todo.settings);
  let attempts = 1;
  const context = contextOf(url, todo, () => (attempts += 1));
  for (const kind of todo.effects) {
    const result: Json = await step.perform({ key: kind, kind, input: null, config }, context);
    process.stderr.write(`  ${todo.type} ${kind}: ${JSON.stringify(result)}\n`);
  }
  return { attempts };
}

function contextOf(
  url: string,
  { type, files = {}, metrics = noMetrics }: StepToDo,
  onGivingWay: () => void,
): PerformContext {
  steps += 1;
  return {
    runId: 'bench',
    planName: 'bench',
    stepId: `${type}-${steps}`,
    laterSteps: [],
    token: 1,
    signal: new AbortController().signal,
    speed: 1,
    files,
    segments: {},
    target: createPostgresTarget({ connectionString: url }),
    store: { addSegmentMembers: never },
    metrics,
    notifier: { send: never },
    clock: systemClock,
    random: systemRandom,
    report: ({ unit, note }) => {
      if (unit === 'attempts' && note.startsWith('gave way')) onGivingWay();
    },
  };
}
