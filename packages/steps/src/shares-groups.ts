import type { GroupShare } from '@crossfade/plan';

/** What a step type has that sets the shares of groups. */
export interface SharesGroups<Config> {
  groupShares(config: Config): readonly GroupShare[];
}
