import type { ControlStore } from '@crossfade/engine';
import pc from 'picocolors';
import { columns } from '../columns.ts';
import type { LoadedJournal } from '../control.ts';
import { count } from '../count.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import type { Output } from '../output.ts';
import { spanOfRun, useFigures } from '../report/use-figures.ts';

/** Who was shown each flag in the newest run, and who used it, as the application reports it. */
export async function tellUsage(
  output: Output,
  store: ControlStore,
  { journal, entries }: LoadedJournal,
  flags: readonly string[],
): Promise<ExitCode> {
  const { run } = journal;
  const untilMs = await store.now();
  const span = run && spanOfRun(run, entries, untilMs);
  if (!span) {
    output.data({ flags: {} });
    output.result('The run has published no flags yet.');
    return exitCodes.ok;
  }
  const figures = useFigures(flags, run.runId, entries, await store.readFlagUse(span), untilMs);
  output.data({ runId: run.runId, ...figures });
  const rows = Object.entries(figures.flags).map(([flag, told]) => rowOf(flag, told));
  for (const row of columns(rows)) output.result(row);
  if (Object.values(figures.flags).every(({ asked }) => asked === 0)) {
    output.line(
      pc.dim('The application reports nothing: see "What your application reports" in docs/guides'),
    );
  }
  return exitCodes.ok;
}

type ToldOfFlag = ReturnType<typeof useFigures>['flags'][string];

function rowOf(
  flag: string,
  { asked, on, heldBack, adoption, usedBy, bySegment }: ToldOfFlag,
): readonly string[] {
  const segments = Object.entries(bySegment).map(
    ([segment, of]) => `${segment} ${count(of.on)} of ${count(of.asked)}`,
  );
  return [
    flag,
    asked === 0 ? 'nobody was asked about' : `shown to ${count(on)} of ${count(asked)} people`,
    adoption === null ? '' : `${(adoption * 100).toFixed(1)} %`,
    heldBack > 0 ? `${count(heldBack)} held back` : '',
    usedBy === null ? '' : `used by ${count(usedBy)}`,
    pc.dim(segments.join(', ')),
  ];
}
