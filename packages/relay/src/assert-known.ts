import type { FlagProvider } from '@crossfade/flags/server';
import { Refused } from './access.ts';

/**
 * Else somebody would replace the flags that they remember with none.
 * @throws {Refused} 503, as long as neither the source nor a backup has told what the flags are.
 */
export function assertKnown(provider: FlagProvider): void {
  if (!provider.isKnown())
    throw new Refused(503, 'it is not known here yet what the flags are: try again shortly');
}
