import type { BoundPlan, Clock, GateWatch, Metrics, Verdict } from '@crossfade/engine';
import { errorMessage } from './error-message.ts';
import { late, withinMs } from './within-ms.ts';

/** Verdicts by `gate@watcher`. */
export type Verdicts = Readonly<Record<string, Verdict>>;

export interface GateMeasurer {
  /** All verdicts asked for: measured side by side, or remembered when measured less than a second ago. */
  measure(watches: readonly GateWatch[]): Promise<Verdicts>;
}

interface GateMeasurerOptions {
  readonly bound: BoundPlan;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly intervalMs?: number;
  /** Longer than a gate waits for an application that hangs: else it could never say which process it was. */
  readonly deadlineMs?: number;
}

interface Remembered {
  readonly measuredAtMs: number;
  readonly verdict: Verdict;
}

export function createGateMeasurer(options: GateMeasurerOptions): GateMeasurer {
  const { bound, metrics, clock, intervalMs = 1_000, deadlineMs = 5_000 } = options;
  let remembered: ReadonlyMap<string, Remembered> = new Map();

  async function fresh(watch: GateWatch): Promise<Remembered> {
    const known = remembered.get(nameOf(watch));
    const measuredAtMs = clock.elapsedMs();
    // One from before this watch began does no harm: a step's view leaves out what was measured too early.
    if (known && measuredAtMs - known.measuredAtMs < intervalMs) return known;
    return { measuredAtMs, verdict: await judge(watch) };
  }

  async function judge(watch: GateWatch): Promise<Verdict> {
    const gate = bound.gates.get(watch.gate);
    if (!gate) return invalid(watch, `gate ${watch.gate} is not in the plan`);
    const { config } = gate.declaration;
    const window = { fromMs: watch.fromMs, toMs: watch.toMs };
    try {
      const measurement = await withinMs(clock, deadlineMs, gate.type.measure(config, window, metrics));
      if (measurement === late) return invalid(watch, `not measured within ${deadlineMs} ms`);
      return gate.type.assess(config, measurement, window);
    } catch (error) {
      return invalid(watch, `could not be measured: ${errorMessage(error)}`);
    }
  }

  return {
    async measure(watches) {
      const measured = watches.map(async (watch) => [nameOf(watch), await fresh(watch)] as const);
      remembered = new Map(await Promise.all(measured));
      return Object.fromEntries([...remembered].map(([name, { verdict }]) => [name, verdict]));
    },
  };
}

function nameOf({ gate, watcher }: GateWatch): string {
  return `${gate}@${watcher}`;
}

/** Neither good nor bad: it holds what waits for the gate, and takes nothing back. */
function invalid({ fromMs, toMs }: GateWatch, evidence: string): Verdict {
  return { status: 'invalid', evidence, value: null, limit: null, samples: 0, fromMs, toMs };
}
