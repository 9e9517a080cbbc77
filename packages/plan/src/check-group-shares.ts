import type { DocumentPath } from './finding.ts';
import type { Report } from './report.ts';
import { percentageSchema } from './setting-schemas.ts';
import type { GroupShare } from './vocabulary.ts';

/** Shares of a group that leave no room for those of the group who are held back. */
export function checkGroupShares(
  shares: readonly GroupShare[],
  stepPath: DocumentPath,
  report: Report,
): void {
  for (const { setting, group, percentage } of shares) {
    const holdBack = percentageSchema.safeParse(report.valueAt(['groups', group, 'hold_back'])).data ?? 0;
    if (leavesRoom(percentage, holdBack)) continue;
    report.add({
      path: [...stepPath, ...setting],
      message: `${group} cannot have ${percentage} % while ${holdBack} % of it are held back.`,
      expected: `at most ${Math.round((100 - holdBack) * 1_000) / 1_000} %`,
    });
  }
}

/** By thousandths, which is how exact a percentage can be: as binary fractions, 100 may not be 100. */
export function leavesRoom(percentage: number, holdBack: number): boolean {
  return Math.round((percentage + holdBack) * 1_000) <= 100_000;
}
