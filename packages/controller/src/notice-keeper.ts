import type { BoundPlan, Clock, ControlStore, Notice, RunState } from '@crossfade/engine';
import type { EffectReport } from './effect-runner.ts';
import { errorMessage } from './error-message.ts';
import { withinMs } from './within-ms.ts';

/** Keeps what people are told of steps at work as it is. */
export interface NoticeKeeper {
  /** Shows what is at work now, when that has changed or was shown a while ago. One at a time. */
  sync(run: RunState, reports: readonly EffectReport[]): void;
  /** Takes everything back. What cannot be reached any more forgets it by itself. */
  stop(): Promise<void>;
}

interface NoticeKeeperOptions {
  readonly bound: BoundPlan;
  readonly token: number;
  readonly store: Pick<ControlStore, 'showNotices'>;
  readonly clock: Clock;
  /** Nothing is ours to show any more. */
  readonly lost: AbortSignal;
  readonly onProblem: (problem: string) => void;
}

const againAfterMs = 2_000;
/** What is refused now will be so in a moment, and matters less than what else is told. */
const afterFailureMs = 60_000;
const stopLimitMs = 1_000;

export function createNoticeKeeper({
  bound,
  token,
  store,
  clock,
  lost,
  onProblem,
}: NoticeKeeperOptions): NoticeKeeper {
  const isNeeded = [...bound.steps.values()].some(({ step }) => step.notice !== null);
  // Nobody knows what an earlier leader has left there.
  let shown: string | undefined;
  let shownAtMs = 0;
  let notBeforeMs = -Infinity;
  let underWay: Promise<void> | undefined;

  function sync(run: RunState, reports: readonly EffectReport[]): void {
    if (!isNeeded || underWay || lost.aborted || clock.elapsedMs() < notBeforeMs) return;
    const notices = noticesOf(bound, run, reports);
    const steps = notices.map(({ step }) => step).join();
    const isOld = notices.length > 0 && clock.elapsedMs() - shownAtMs >= againAfterMs;
    if (steps === shown && !isOld) return;
    shownAtMs = clock.elapsedMs();
    underWay = show(notices, steps);
  }

  async function show(notices: readonly Notice[], steps: string): Promise<void> {
    try {
      await store.showNotices(notices, token);
      shown = steps;
    } catch (error) {
      // Another one leads, and shows what is to be shown: that we may not any more is no problem.
      if (lost.aborted) return;
      // The migration does not wait for it: it is told, and tried again.
      notBeforeMs = clock.elapsedMs() + afterFailureMs;
      onProblem(`what people are told could not be changed: ${errorMessage(error)}`);
    } finally {
      underWay = undefined;
    }
  }

  return {
    sync,
    async stop() {
      if (lost.aborted || (shown === undefined && !underWay)) return;
      const hide = async (): Promise<void> => {
        await underWay;
        if (shown !== '') await show([], '');
      };
      await withinMs(clock, stopLimitMs, hide());
    },
  };
}

function noticesOf(bound: BoundPlan, run: RunState, reports: readonly EffectReport[]): readonly Notice[] {
  return reports.flatMap(({ step, progress, aborting }) => {
    const notice = bound.steps.get(step)?.step.notice;
    // Of what is taken back, nothing good can be promised.
    const isForward = run.steps[step]?.pendingEffect?.direction === 'forward';
    if (!notice || aborting || !isForward) return [];
    return [{ step, ...notice, progress: shareOf(progress) }];
  });
}

function shareOf(progress: EffectReport['progress']): number | null {
  if (!progress?.total) return null;
  return Math.min(1, Math.max(0, progress.done / progress.total));
}
