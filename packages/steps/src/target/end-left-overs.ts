import type { PerformContext, TargetConnection } from '@crossfade/engine';
import { applicationNameOf } from './application-name.ts';
import { BuildStory, buildFiguresSql, type BuildFigures } from './build-figures.ts';

interface LeftOver {
  readonly pid: number;
  /** Changes for as long as it gets on; null for what builds nothing. */
  readonly progress: string | null;
  readonly build?: BuildFigures | null;
}

/** A build of a dead leader that gets on is waited for: when it is done, so are we. One that stands still is ended. */
const standstillMs = 5_000;
const endingLimitMs = 15_000;

/**
 * Deals with server processes that a dead leader left at work for this step: nothing fences an index build, so it is looked
 * for by its application name. Whoever is overtaken meanwhile ends nobody any more: what it then finds is a successor's.
 * @throws Error when they do not end.
 */
export async function endLeftOvers(connection: TargetConnection, context: PerformContext): Promise<void> {
  const { clock, signal } = context;
  let lastSeen = '';
  let changedAtMs = clock.elapsedMs();
  let endedAtMs: number | null = null;
  const story = new BuildStory();
  for (;;) {
    const leftOvers = await find(connection, applicationNameOf(context));
    if (leftOvers.length === 0) return;
    const pids = leftOvers.map(({ pid }) => pid).join(', ');
    const nowMs = clock.elapsedMs();
    // Without whom it waits for, whose age changes while nothing gets on.
    const seen = JSON.stringify(leftOvers.map(({ pid, progress }) => [pid, progress]));
    if (seen !== lastSeen) [lastSeen, changedAtMs] = [seen, nowMs];
    const building = leftOvers.every(({ progress }) => progress !== null);
    if (!building || nowMs - changedAtMs > standstillMs) {
      for (const { pid } of leftOvers) await end(connection, pid, context);
      endedAtMs ??= nowMs;
    }
    if (endedAtMs !== null && nowMs - endedAtMs > endingLimitMs) {
      throw new Error(
        `server processes ${pids} of an earlier controller did not end within ${endingLimitMs} ms`,
      );
    }
    const note = `waits for server processes of an earlier controller to end: ${pids}`;
    const build = leftOvers.find((leftOver) => leftOver.build)?.build;
    context.report(
      build ? story.tell(build, nowMs, note) : { done: 0, total: null, unit: 'processes', note },
    );
    await clock.sleep(100, signal);
  }
}

/**
 * By its name once more: it may have ended, and a pooler given the process to somebody else. Unless a later leader has claimed
 * the step, asked in the same statement: however long we were stopped before it, it is true when it is carried out.
 */
async function end(connection: TargetConnection, pid: number, context: PerformContext): Promise<void> {
  const { runId, stepId, token } = context;
  await connection.query(
    `select pg_terminate_backend(pid) from pg_stat_activity
      where pid = $1 and application_name = $2 and not exists (
        select from crossfade_ledger.fences where run_id = $3 and step_id = $4 and token > $5)`,
    [pid, applicationNameOf(context), runId, stepId, token],
  );
}

/** Those that help with a parallel build bear its name, too, and end with it. */
async function find(connection: TargetConnection, applicationName: string): Promise<readonly LeftOver[]> {
  const { rows } = await connection.query<LeftOver>(
    `select a.pid, p.phase || ' ' || p.blocks_done || ' ' || p.tuples_done || ' ' || p.lockers_done as progress,
            case when p.pid is not null then ${buildFiguresSql} end as build
       from pg_stat_activity a left join pg_stat_progress_create_index p on p.pid = a.pid
      where a.application_name = $1 and a.datname = current_database() and a.pid <> pg_backend_pid()
        and a.leader_pid is null
      order by a.pid`,
    [applicationName],
  );
  return rows;
}
