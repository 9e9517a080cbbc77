import type { RunState } from '@crossfade/engine';

/** Asked to be taken back, in whatever state it is, and nobody has begun with that since. Its flags are off. */
export function isToBeTakenBack({ status, rollback }: RunState): boolean {
  return status !== 'rolling_back' && (rollback?.requested ?? false);
}
