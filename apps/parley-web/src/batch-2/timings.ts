import type { TimingName } from '../release.ts';
import { apiBatch2 } from './endpoints.ts';

const sendEveryMs = 20_000;
const mostWaiting = 50;
let waiting: { readonly name: TimingName; readonly durationMs: number }[] = [];

/** How long something took for this person. Kept until it is sent, or let go where nobody asks for it. */
function noteTiming(name: TimingName, durationMs: number): void {
  if (waiting.length < mostWaiting && durationMs >= 0) waiting.push({ name, durationMs });
}

/** Measures from now until `done` is called. */
export function startTiming(name: TimingName): () => void {
  const startedMs = performance.now();
  return () => noteTiming(name, performance.now() - startedMs);
}

/** Sends what there is now and then, as long as the feature is on for this person; until it is told to stop. */
export function reportTimings(): () => void {
  const [paint] = performance.getEntriesByName('first-contentful-paint');
  if (paint !== undefined) noteTiming('first_paint', paint.startTime);
  const timer = setInterval(() => {
    const timings = waiting;
    waiting = [];
    // A figure that is lost is no loss to anybody.
    if (timings.length > 0) apiBatch2.reportTimings(timings).catch(() => undefined);
  }, sendEveryMs);
  return () => clearInterval(timer);
}
