import { describeDurationMs } from '@crossfade/plan';
import type { Progress } from '@crossfade/engine';

/** How far the server is with an index, as it says itself. */
export interface BuildFigures {
  /** `building index: scanning table`, `waiting for old snapshots`, … */
  readonly phase: string;
  readonly blocksDone: number;
  readonly blocksTotal: number;
  readonly tuplesDone: number;
  readonly tuplesTotal: number;
  readonly lockersDone: number;
  readonly lockersTotal: number;
  /** Whose transaction it waits for at this moment. */
  readonly waitsFor: string | null;
}

/** The figures as JSON, for a query in which `p` is pg_stat_progress_create_index. */
export const buildFiguresSql = `
  jsonb_build_object(
    'phase', p.phase, 'blocksDone', p.blocks_done, 'blocksTotal', p.blocks_total,
    'tuplesDone', p.tuples_done, 'tuplesTotal', p.tuples_total,
    'lockersDone', p.lockers_done, 'lockersTotal', p.lockers_total,
    'waitsFor', (select coalesce(nullif(w.application_name, ''), w.backend_type, 'unnamed') || coalesce(' for ' || w.usename, '')
                        || ' (process ' || w.pid || coalesce(', ' || w.state, '')
                        || coalesce(', open for ' || round(extract(epoch from clock_timestamp() - w.xact_start)::numeric, 1) || ' s', '') || ')'
                   from pg_stat_activity w where w.pid = nullif(p.current_locker_pid, 0)))`;

interface Seen {
  readonly phase: string;
  readonly done: number;
  readonly atMs: number;
}

/** Puts figures into words, and says from how fast the phase has gone so far how much longer it takes. */
export class BuildStory {
  #since: Seen | undefined;

  tell(figures: BuildFigures, nowMs: number, label: string): Progress {
    const { phase } = figures;
    const { done, total, unit } = inPhase(figures);
    if (this.#since?.phase !== phase || done < this.#since.done) this.#since = { phase, done, atMs: nowMs };
    const left = total > 0 ? this.#leftMs(total - done, done, nowMs) : null;
    const rest = left === null ? '' : `, about ${describeDurationMs(left)} to the end of this part`;
    const waits = figures.waitsFor !== null && phase.startsWith('waiting') ? `: ${figures.waitsFor}` : '';
    return { done, total: total > 0 ? total : null, unit, note: `${label}: ${phase}${waits}${rest}` };
  }

  /** Null as long as nothing has moved since the phase began: then nobody knows. */
  #leftMs(rest: number, done: number, nowMs: number): number | null {
    const since = this.#since;
    if (!since || done <= since.done || nowMs <= since.atMs) return null;
    return (rest * (nowMs - since.atMs)) / (done - since.done);
  }
}

/** Each phase counts in its own way; the figures of an earlier one may still stand beside it. */
function inPhase(figures: BuildFigures): { done: number; total: number; unit: string } {
  if (figures.phase.startsWith('waiting'))
    return { done: figures.lockersDone, total: figures.lockersTotal, unit: 'transactions waited for' };
  const inTuples = /tuples|loading/.test(figures.phase) || figures.blocksTotal === 0;
  return inTuples
    ? { done: figures.tuplesDone, total: figures.tuplesTotal, unit: 'rows' }
    : { done: figures.blocksDone, total: figures.blocksTotal, unit: 'blocks' };
}
