import type { Coverage, MeasureWindow } from '@crossfade/engine';
import { z } from 'zod';

export const coverageSchema = z.object({
  fromMs: z.number(),
  toMs: z.number(),
  endpoints: z.number(),
  endpointsSilent: z.number(),
});

/** Older than this, a measurement says how the application was, not how it is. */
const freshMs = 5_000;

/** Why what was seen is too little to call the application well; undefined when it is enough. */
export function coverageProblem(
  coverage: Coverage,
  window: MeasureWindow,
  windowMs: number,
): string | undefined {
  const { endpoints, endpointsSilent, fromMs, toMs } = coverage;
  if (endpoints === 0) return 'no process of the application is known';
  if (endpointsSilent >= endpoints) return `all ${endpoints} processes are silent`;
  const seenMs = Math.max(0, toMs - fromMs);
  if (seenMs < windowMs / 2) {
    return `only ${seconds(seenMs)} of the last ${seconds(windowMs)} were seen`;
  }
  if (window.toMs - toMs > freshMs) return `nothing is newer than ${seconds(window.toMs - toMs)}`;
  return undefined;
}

/** Said beside a verdict that stands all the same. */
export function silenceNote({ endpoints, endpointsSilent }: Coverage): string {
  return endpointsSilent > 0 ? ` (${endpointsSilent} of ${endpoints} processes silent)` : '';
}

function seconds(durationMs: number): string {
  return `${(durationMs / 1_000).toFixed(1)} s`;
}
