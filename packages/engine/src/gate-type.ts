import type { ZodType } from 'zod';
import type { Verdict } from './events.ts';
import type { Json } from './json.ts';
import type { Metrics } from './ports.ts';

/** One kind of gate: `measure` looks at the world, `assess` is pure and turns what was seen into a verdict. */
export interface GateType<Config> {
  readonly type: string;
  readonly about: string;
  readonly configSchema: ZodType<Config>;
  describe(config: Config): string;
  /** How far back a measurement reaches at most. */
  windowMs(config: Config): number;
  measure(config: Config, window: MeasureWindow, metrics: Metrics): Promise<Json>;
  assess(config: Config, measurement: Json, window: MeasureWindow): Verdict;
}

/** Real (database) time. */
export interface MeasureWindow {
  readonly fromMs: number;
  readonly toMs: number;
}
