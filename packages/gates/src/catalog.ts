import type { GateType } from '@crossfade/engine';
import { healthGate } from './health/definition.ts';
import { thresholdGate } from './threshold/definition.ts';

/** Every gate type that a plan may name. */
export const gateCatalog: Readonly<Record<string, GateType<unknown>>> = {
  health: healthGate,
  threshold: thresholdGate,
};
