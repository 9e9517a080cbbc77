import { createHash } from 'node:crypto';

/** Postgres cuts longer names off without a word. */
const longestName = 63;

/**
 * How a step's connections show in pg_stat_activity: `crossfade/<runId>/<stepId>`. A successor finds by it what a dead leader
 * left running, so that a name too long to be shown whole ends in a digest of the whole.
 */
export function applicationNameOf(context: { readonly runId: string; readonly stepId: string }): string {
  const name = `crossfade/${context.runId}/${context.stepId}`.replaceAll(/[^\x21-\x7e]/g, '?');
  if (name.length <= longestName) return name;
  const digest = createHash('sha256').update(`${context.runId}/${context.stepId}`).digest('hex').slice(0, 12);
  return `${name.slice(0, longestName - 13)}~${digest}`;
}
