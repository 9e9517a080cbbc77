import type { PerformContext, TargetConnection } from '@crossfade/engine';
import { applicationNameOf } from './application-name.ts';
import { BuildStory, buildFiguresSql, type BuildFigures } from './build-figures.ts';
import { eachInTransaction } from './each-in-transaction.ts';
import { keepRoom } from './keep-room.ts';

/** A build that is over by then needs nobody to look at it. */
const lookEveryMs = 1_000;

/** Builds an index on the connection, and tells meanwhile how far it is: on another connection, since this one is at work. */
export async function withBuildProgress<T>(
  connection: TargetConnection,
  context: PerformContext,
  label: string,
  build: () => Promise<T>,
): Promise<T> {
  const over = new AbortController();
  const pid = await backendPid(connection);
  const watching = watch({ ...context, signal: AbortSignal.any([context.signal, over.signal]) }, pid, label);
  try {
    return await build();
  } finally {
    over.abort();
    await watching;
  }
}

async function backendPid(connection: TargetConnection): Promise<number | undefined> {
  const { rows } = await eachInTransaction(connection).query<{ pid: number }>(
    'select pg_backend_pid() as pid',
  );
  return rows[0]?.pid;
}

async function watch(context: PerformContext, pid: number | undefined, label: string): Promise<void> {
  const { clock, signal, stepId } = context;
  // Under a name of its own: it is nothing that a successor would have to end.
  const applicationName = applicationNameOf({ ...context, stepId: `${stepId}:progress` });
  const story = new BuildStory();
  try {
    await clock.sleep(lookEveryMs, signal);
    await context.target.withConnection({ applicationName, signal }, async (connection) => {
      await keepRoom(connection);
      for (;;) {
        const figures = await readFigures(connection, pid);
        if (figures && !signal.aborted) context.report(story.tell(figures, clock.elapsedMs(), label));
        await clock.sleep(lookEveryMs, signal);
      }
    });
  } catch {
    // The build is over, or nobody can look: that is for people alone, and must not touch the build.
  }
}

async function readFigures(
  connection: TargetConnection,
  pid: number | undefined,
): Promise<BuildFigures | undefined> {
  const { rows } = await eachInTransaction(connection).query<{ figures: BuildFigures }>(
    `select ${buildFiguresSql} as figures from pg_stat_progress_create_index p where p.pid = $1`,
    [pid],
  );
  return rows[0]?.figures;
}
