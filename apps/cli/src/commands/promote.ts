import { currentPause, waitsOf, type StepWait } from '@crossfade/engine';
import { suggestion } from '@crossfade/plan';
import type { Command } from 'commander';
import pc from 'picocolors';
import { commandToRun, type CommandView } from '../command-to-run.ts';
import type { DatabaseOptions } from '../control.ts';
import { exitCodes, Refusal, type ExitCode } from '../exit-codes.ts';
import { nobodyLeads } from '../leadership.ts';
import type { Output } from '../output.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';

export const promoteCommand: CrossfadeCommand<PromoteOptions> = {
  name: 'promote',
  about: 'Waive what a step waits for in the calendar (a date, a bake); never a gate',
  needsDatabase: true,
  declare,
  execute,
};

interface PromoteOptions extends DatabaseOptions {
  readonly reason: string;
}

function declare(command: Command): void {
  command
    .argument('[step]', 'the step; needed where several wait')
    .option('--reason <text>', 'why; journalled', 'crossfade promote')
    .addHelpText(
      'after',
      `
Waives one wait of one step: its date, the date or the bake of a rollout's
stage, a wait step's end, the next raise of a warm-up. What comes after it waits
as the plan says. Gates are never waived: they must pass on fresh measurements
first. Refused while the run is paused or a gate of the step fails.`,
    );
}

async function execute(output: Output, options: PromoteOptions, step?: string): Promise<ExitCode> {
  let chosen: StepWait | undefined;
  const answer = await commandToRun(options, 'promote', (view) => {
    chosen = choose(view, step);
    if (chosen.waived) return undefined;
    return { type: 'wait.waived', step: chosen.step, wait: chosen.reason, reason: options.reason };
  });
  if (!chosen) throw new Error('the command was given without a look at the run');
  const { changed, bound, run, leader } = answer;
  const owner = bound.steps.get(chosen.step);
  const gates = owner ? owner.type.references(owner.step.config).gates : [];
  const waived = changed ? chosen.reason : null;
  output.data({ runId: run.runId, status: run.status, step: chosen.step, changed, waived, gates, leader });
  output.result(
    changed
      ? `${pc.green('✔')} Waived for ${chosen.step}: ${chosen.reason}.`
      : `The wait of ${chosen.step} is waived already; now it ${nowWaits(chosen)}. Nothing was changed.`,
  );
  if (gates.length > 0)
    output.line(`  Its gates must pass all the same, on fresh measurements: ${gates.join(', ')}.`, 0);
  if (!leader) output.line(`  ${pc.yellow(nobodyLeads(run))}`, 0);
  return exitCodes.ok;
}

function nowWaits({ reason }: StepWait): string {
  return reason.startsWith('is ') ? reason : `waits: ${reason}`;
}

function choose({ bound, journal, run, nowMs }: CommandView, given: string | undefined): StepWait {
  const pause = currentPause(run);
  if (pause) throw new Refusal(`the run is paused (${pause.reason}): "crossfade resume" first`);
  const waits = waitsOf(bound, journal, nowMs);
  if (given !== undefined && !bound.steps.has(given)) {
    const meant = suggestion(given, [...bound.steps.keys()]);
    throw new Refusal(
      `${given} is no step of this plan${meant === undefined ? '.' : `; ${meant}`} ${told(waits)}`,
    );
  }
  const wait = given === undefined ? theOnly(waits) : waits.find(({ step }) => step === given);
  if (!wait) throw new Refusal(`${given ?? 'the plan'} waits for nothing now. ${told(waits)}`);
  if (wait.failingGates.length > 0) {
    throw new Refusal(
      `${wait.step} is not promoted while its gate ${wait.failingGates.join(', ')} fails: nothing was waived`,
    );
  }
  if (!wait.waivable && !wait.waived)
    throw new Refusal(`${wait.step}: ${wait.reason}. That is not a wait that can be waived.`);
  return wait;
}

/** Of several that could be meant none is taken: to waive the wrong wait is not to be undone. */
function theOnly(waits: readonly StepWait[]): StepWait | undefined {
  const waivable = waits.filter((wait) => wait.waivable);
  if (waivable.length > 1) {
    const names = waivable.map(({ step, reason }) => `${step} (${reason})`);
    throw new Refusal(`several steps wait: say which one, of ${names.join(', ')}`);
  }
  const waived = waits.filter((wait) => wait.waived);
  const [only] = waivable.length === 1 ? waivable : waived.length === 1 ? waived : waits;
  if (waivable.length === 0 && waived.length !== 1 && waits.length > 1)
    throw new Refusal(`no step waits for anything that can be waived. ${told(waits)}`);
  return only;
}

function told(waits: readonly StepWait[]): string {
  return waits.map(({ step, reason }) => `${step}: ${reason}.`).join(' ');
}
