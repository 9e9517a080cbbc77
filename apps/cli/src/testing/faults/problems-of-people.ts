import type { ClientLog } from '../../report/client-log.ts';
import type { TrialResult } from './fault.ts';
import type { PromisesKept } from './scene.ts';

export function countsOf(
  { acknowledged, missing, changed, surplus }: PromisesKept,
  { requests }: ClientLog,
): Pick<TrialResult, 'acknowledged' | 'lost' | 'duplicated' | 'failedRequests'> {
  return {
    acknowledged,
    lost: missing.length + changed.length,
    duplicated: surplus,
    failedRequests: requests.filter(({ ok }) => !ok).length,
  };
}

/** By the rows themselves. */
export function problemsOfPromises(
  { acknowledged, missing, changed, surplus }: PromisesKept,
  { verified }: ClientLog,
): readonly string[] {
  const problems: string[] = [];
  if (missing.length > 0) problems.push(`acknowledged, and not stored: ${missing.join(', ')}`);
  if (changed.length > 0) problems.push(`stored otherwise than acknowledged: ${changed.join(', ')}`);
  if (surplus > 0) problems.push(`${surplus} messages are stored that nobody sent`);
  if (acknowledged === 0) problems.push('nobody wrote anything');
  if (verified && verified.acknowledged !== acknowledged)
    problems.push(
      `people remember ${verified.acknowledged} acknowledged messages, their log ${acknowledged}`,
    );
  return problems;
}

/** By what people saw on their way, and when they read everything again. */
export function problemsOfClients(
  { verified, requests }: ClientLog,
  requestsMayFail: boolean,
): readonly string[] {
  if (!verified) return ['what people wrote was not read again'];
  const problems = (['missing', 'changed', 'duplicated', 'outOfOrder'] as const).flatMap((kind) =>
    verified[kind] > 0 ? [`people saw ${verified[kind]} messages ${kind}`] : [],
  );
  const failed = requests.filter(({ ok }) => !ok);
  if (failed.length === 0 || requestsMayFail) return problems;
  const actions = [...new Set(failed.map(({ action }) => action))].join(', ');
  return [...problems, `${failed.length} requests failed (${actions})`];
}
