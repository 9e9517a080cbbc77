import type { Json, PerformContext } from '@crossfade/engine';
import { createPostgresTarget, systemClock, systemRandom } from '@crossfade/controller';
import { stepCatalog } from '@crossfade/steps';

const never = (): Promise<never> => Promise.reject(new Error('no step of this measurement asks for that'));
let steps = 0;

/** Carries a step out as the controller would, on the real clock, and tells in how many attempts. */
export async function performStep(
  url: string,
  type: string,
  settings: object,
  files: Readonly<Record<string, string>> = {},
): Promise<{ readonly attempts: number }> {
  const step = stepCatalog[type];
  if (!step) throw new Error(`there is no step type ${type}`);
  const config = step.configSchema.parse(settings);
  steps += 1;
  let attempts = 1;
  const context: PerformContext = {
    runId: 'bench',
    stepId: `${type}-${steps}`,
    token: 1,
    signal: new AbortController().signal,
    speed: 1,
    files,
    segments: {},
    target: createPostgresTarget({ connectionString: url }),
    store: { addSegmentMembers: never },
    metrics: { counterIncrease: never, histogramIncrease: never, ask: never },
    notifier: { send: never },
    clock: systemClock,
    random: systemRandom,
    report: ({ unit, done, note }) => {
      if (unit === 'attempts' && note.startsWith('gave way')) attempts = done + 1;
    },
  };
  const kinds = type === 'reshape' ? ['expand', 'fill', 'link', 'verify', 'swap'] : ['apply'];
  for (const kind of kinds) {
    const result: Json = await step.perform({ key: kind, kind, input: null, config }, context);
    process.stderr.write(`    ${type} ${kind}: ${JSON.stringify(result)}\n`);
  }
  return { attempts };
}
