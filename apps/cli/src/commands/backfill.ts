import { systemClock, systemRandom } from '@crossfade/controller';
import { backfillsAmong, readQuarantined, retryQuarantined, type Quarantined } from '@crossfade/steps';
import type { Command } from 'commander';
import pc from 'picocolors';
import { oneOf } from '../argument.ts';
import { loadJournal, pinnedPlan, withStore, type DatabaseOptions } from '../control.ts';
import { counted } from '../count.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';
import { exitCodes, Refusal, type ExitCode } from '../exit-codes.ts';
import { openTarget } from '../open-target.ts';
import type { Output } from '../output.ts';
import { stopOnSignals } from '../stop-on-signals.ts';

export const backfillCommand: CrossfadeCommand<BackfillOptions> = {
  name: 'backfill',
  about: 'See the rows that a backfill of the newest run set aside, and try them again',
  needsDatabase: true,
  declare,
  execute,
};

interface BackfillOptions extends DatabaseOptions {
  readonly key?: readonly string[];
}

const mostShown = 1_000;

function declare(command: Command): void {
  command
    .addArgument(oneOf('action', 'what to do', ['quarantine', 'retry']))
    .argument('<step>', 'the step, by its id')
    .option('--key <key...>', 'only these rows, by the key that quarantine shows')
    .addHelpText(
      'after',
      `
A row that cannot be filled is set aside with its reason, and the others go on.
Mend it, or what stands in its way, and retry: each row is filled and counted in
one transaction. It needs no controller. What is left of them is shown, and the
exit code is then 1.`,
    );
}

async function execute(
  output: Output,
  options: BackfillOptions,
  action: string,
  stepId: string,
): Promise<ExitCode> {
  if (action === 'quarantine' && options.key)
    throw new Refusal('--key is for retry: quarantine shows all rows');
  return await withStore(options, async (store, databaseUrl) => {
    const { journal } = await loadJournal(store);
    const bound = await pinnedPlan(store, journal);
    if (!bound || !journal.run) throw new Refusal('no plan has been run on this database yet');
    if (action === 'retry' && journal.run.status !== 'running' && journal.run.status !== 'completed')
      throw new Refusal(
        `run ${journal.run.runId} is being taken back, or was: what was set aside is not filled any more`,
      );
    const backfills = backfillsAmong(bound.steps);
    const config = backfills.get(stepId);
    if (!config) {
      const known = [...backfills.keys()].join(', ') || 'none';
      throw new Refusal(`${stepId} is no backfill of run ${journal.run.runId}: expected one of ${known}`);
    }
    const stopping = stopOnSignals(
      (line) => output.line(line),
      'Stopping; rows that were tried are accounted for.',
    );
    const context = {
      runId: journal.run.runId,
      stepId,
      signal: stopping.signal,
      speed: journal.run.start.speed,
      files: bound.files,
      target: await openTarget(databaseUrl),
      clock: systemClock,
      random: systemRandom,
    };
    try {
      if (action === 'quarantine') return show(output, stepId, await readQuarantined(context, mostShown));
      const { left, ...retried } = await retryQuarantined(context, config, options.key ?? null);
      output.data({ step: stepId, ...retried, left });
      const others = [
        retried.doneAlready > 0 ? `, ${counted(retried.doneAlready, 'row')} done already` : '',
        retried.gone > 0 ? `, ${counted(retried.gone, 'row')} deleted since` : '',
      ].join('');
      const sign = left.length === 0 ? pc.green('✔') : pc.red('✘');
      output.result(
        `${sign} ${stepId}: ${counted(retried.filled, 'row')} filled${others}; ${counted(left.length, 'row')} set aside still.`,
      );
      list(output, left);
      return left.length === 0 ? exitCodes.ok : exitCodes.failed;
    } finally {
      stopping.release();
    }
  });
}

function show(output: Output, stepId: string, rows: readonly Quarantined[]): ExitCode {
  output.data({ step: stepId, quarantined: rows });
  if (rows.length === 0) output.result(`${pc.green('✔')} ${stepId} has set no row aside.`);
  else {
    const most = rows.length === mostShown ? 'at least ' : '';
    output.result(`${stepId}: ${most}${counted(rows.length, 'row')} set aside.`);
  }
  list(output, rows);
  return exitCodes.ok;
}

function list(output: Output, rows: readonly Quarantined[]): void {
  for (const { key, reason, attempts, at } of rows) {
    output.result(`  ${key}  ${reason}  ${pc.dim(`(${counted(attempts, 'attempt')}, last at ${at})`)}`);
  }
}
