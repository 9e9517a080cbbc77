import { hostname } from 'node:os';
import {
  createTelemetry,
  currentRequest,
  type Telemetry,
  type TelemetrySink,
} from '@crossfade/telemetry/server';
import { FEATURES } from '../features.ts';
import type { Log } from '../log.ts';

/** Where the sink is none, what is noted goes nowhere: a Parley that nobody migrates. */
const NOWHERE: TelemetrySink = { send: async () => undefined, close: async () => undefined };

/** What Parley reports of its features: who was shown which, who uses it, and how their requests go. */
export function createFlagTelemetry(
  sink: TelemetrySink | undefined,
  revision: () => number,
  log: Log,
): Telemetry {
  return createTelemetry({
    sink: sink ?? NOWHERE,
    process: `${hostname()}:${process.pid}`,
    flags: Object.values(FEATURES),
    revision,
    currentRequest,
    log,
  });
}
