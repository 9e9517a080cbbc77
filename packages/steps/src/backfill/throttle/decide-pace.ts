import { describeDurationMs } from '@crossfade/plan';
import { countOf, formatCount } from '../../text.ts';
import type { ThrottleConfig } from './throttle-config.ts';

/** What was measured; null where it is not known. */
export interface Signals {
  readonly p95Ms: number | null;
  readonly errorPercent: number | null;
  readonly activeSessions: number;
  readonly waitingSessions: number;
  readonly walBytesPerSecond: number | null;
  readonly replicaLagMs: number | null;
  readonly archivingFails: boolean;
  readonly isVacuumed: boolean;
  readonly oldestTransactionMs: number | null;
  /** Of the day, in UTC. */
  readonly minuteOfDay: number;
}

export interface PaceState {
  /** The share of the time that workers are at work, above 0 and up to 1. */
  readonly duty: number;
  /** Null while nothing stands in the way. */
  readonly pausedBecause: string | null;
  /** The pause is because of what people's requests met. */
  readonly isOfErrors: boolean;
  readonly slowedBecause: string | null;
  /** When something was last in the way. */
  readonly lastTroubleMs: number;
  readonly lastLookMs: number;
}

export const fullPace: PaceState = {
  duty: 1,
  pausedBecause: null,
  isOfErrors: false,
  slowedBecause: null,
  lastTroubleMs: -Infinity,
  lastLookMs: -Infinity,
};

const slowdown = 0.7;
const leastDuty = 0.02;
const dutyAfterPause = 0.2;
/** What has just been in the way comes back when one goes faster at once. */
const calmMs = 3_000;
const recoveryPerSecond = 0.05;
/** Nobody knows how people fare: not as fast as it would go. */
const dutyInTheDark = 0.5;

/** Where errors were what paused it, no word of them is not their end; nor is it waited for for ever, where nobody is left to ask. */
const longestUnseenMs = 60_000;

/** Where nobody looks for a while. */
export function inTheDark(state: PaceState): PaceState {
  if (state.pausedBecause !== null || state.duty <= dutyInTheDark) return state;
  return { ...state, duty: dutyInTheDark, slowedBecause: 'slowed: nobody sees how the database fares' };
}

/**
 * One look: what is hard in the way pauses at once, and for a few seconds after it is gone; what is soft slows by a third, again
 * with each look; without either the pace recovers by a twentieth of the full one in a second (additive increase, multiplicative
 * decrease, as in TCP).
 */
export function decidePace(
  state: PaceState,
  signals: Signals,
  limits: ThrottleConfig,
  nowMs: number,
): PaceState {
  const hard = hardReason(signals, limits);
  const at = { lastLookMs: nowMs };
  if (hard !== null)
    return {
      ...state,
      ...at,
      pausedBecause: hard,
      isOfErrors: errorsReason(signals, limits) !== null,
      slowedBecause: null,
      lastTroubleMs: nowMs,
    };
  if (state.pausedBecause !== null) {
    const isUnseen = limits.errors !== undefined && signals.errorPercent === null && state.isOfErrors;
    if (nowMs - state.lastTroubleMs < (isUnseen ? longestUnseenMs : calmMs)) return { ...state, ...at };
    return { ...state, ...at, pausedBecause: null, duty: Math.min(state.duty, dutyAfterPause) };
  }
  const soft = softReason(signals, limits);
  if (soft !== null) {
    const duty = Math.max(leastDuty, state.duty * slowdown);
    return { ...state, ...at, duty, slowedBecause: soft, lastTroubleMs: nowMs };
  }
  const dark = unseenOf(signals, limits);
  const most = dark === null ? 1 : dutyInTheDark;
  const slowedBecause = dark === null ? null : `slowed: what ${dark} says is not known`;
  if (nowMs - state.lastTroubleMs < calmMs) return { ...state, ...at, duty: Math.min(state.duty, most) };
  const sinceMs = Math.min(10_000, nowMs - state.lastLookMs);
  const duty = Math.min(most, state.duty + (recoveryPerSecond * sinceMs) / 1_000);
  return { ...state, ...at, duty, slowedBecause: duty < 1 ? (slowedBecause ?? state.slowedBecause) : null };
}

/** What people meet and is not known, by its metric. */
function unseenOf({ p95Ms, errorPercent }: Signals, { latency, errors }: ThrottleConfig): string | null {
  if (latency && p95Ms === null) return latency.histogram;
  return errors && errorPercent === null ? errors.of.metric : null;
}

function errorsReason({ errorPercent }: Signals, { errors }: ThrottleConfig): string | null {
  if (!errors || errorPercent === null || errorPercent < errors.percent_below) return null;
  return `${errorPercent.toFixed(2)} % of what people ask for fails, ${errors.percent_below} % or more`;
}

function hardReason(signals: Signals, limits: ThrottleConfig): string | null {
  const { hours, max_waiting_sessions, max_replica_lag, max_oldest_transaction } = limits;
  const { waitingSessions, replicaLagMs, oldestTransactionMs } = signals;
  if (hours && !hours.some((range) => isWithin(range, signals.minuteOfDay)))
    return `outside of ${hours.join(', ')} UTC`;
  const failing = errorsReason(signals, limits);
  if (failing !== null) return failing;
  if (waitingSessions > max_waiting_sessions)
    return `${countOf(waitingSessions, 'session')} waiting for locks, more than ${max_waiting_sessions}`;
  if (replicaLagMs !== null && replicaLagMs > max_replica_lag)
    return `a replica is ${describeDurationMs(replicaLagMs)} behind, more than ${describeDurationMs(max_replica_lag)}`;
  if (signals.archivingFails) return 'the server cannot archive its WAL';
  if (limits.pause_for_vacuum && signals.isVacuumed) return 'the table is being vacuumed';
  if (
    max_oldest_transaction !== undefined &&
    oldestTransactionMs !== null &&
    oldestTransactionMs > max_oldest_transaction
  )
    return `a transaction is open for ${describeDurationMs(oldestTransactionMs)}, more than ${describeDurationMs(max_oldest_transaction)}`;
  return null;
}

function softReason(signals: Signals, limits: ThrottleConfig): string | null {
  const { latency, max_active_sessions: mostActive, max_wal_per_second: mostWal } = limits;
  const { p95Ms, activeSessions, walBytesPerSecond } = signals;
  if (latency && p95Ms !== null && p95Ms > latency.p95_below)
    return `slowed: p95 ${p95Ms < 10 ? p95Ms.toFixed(2) : Math.round(p95Ms)} ms > ${latency.p95_below} ms`;
  if (mostActive !== undefined && activeSessions > mostActive)
    return `slowed: ${activeSessions} sessions at work > ${mostActive}`;
  if (mostWal !== undefined && walBytesPerSecond !== null && walBytesPerSecond > mostWal)
    return `slowed: ${formatCount(Math.round(walBytesPerSecond))} bytes of WAL a second > ${formatCount(mostWal)}`;
  return null;
}

/** `22:00-06:00` goes over midnight. */
function isWithin(range: string, minute: number): boolean {
  const [from = 0, until = 0] = range.split('-').map((time) => {
    const [hours = 0, minutes = 0] = time.split(':').map(Number);
    return hours * 60 + minutes;
  });
  return from <= until ? minute >= from && minute < until : minute >= from || minute < until;
}
