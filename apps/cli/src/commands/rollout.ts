import type { BoundPlan } from '@crossfade/engine';
import { suggestion } from '@crossfade/plan';
import { plannedRollout } from '@crossfade/steps';
import type { Command } from 'commander';
import pc from 'picocolors';
import { oneOf } from '../argument.ts';
import { audienceText } from '../audience-text.ts';
import { checkPlan } from '../catalogs.ts';
import { columns } from '../columns.ts';
import { loadJournal, pinnedPlan, withStore, type DatabaseOptions } from '../control.ts';
import { count } from '../count.ts';
import { exitCodes, Refusal, type ExitCode } from '../exit-codes.ts';
import { countedFindings, printFindings } from '../findings.ts';
import { openTarget } from '../open-target.ts';
import type { Output } from '../output.ts';
import { readPlanFolder } from '../plan-folder.ts';
import { lookAtSegments, type SeenSegments, type SegmentFigures } from '../preview/look-at-segments.ts';
import { previewRollouts, type PreviewedFlag, type PreviewedStage } from '../preview/preview-rollouts.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';

export const rolloutCommand: CrossfadeCommand<RolloutOptions> = {
  name: 'rollout',
  about: 'Show how many people each stage of a rollout will let in, and who, without letting anybody in',
  needsDatabase: true,
  declare,
  execute,
};

interface RolloutOptions extends DatabaseOptions {
  readonly step?: string;
  readonly who?: boolean;
}

function declare(command: Command): void {
  command
    .addArgument(oneOf('action', 'what to do', ['preview']))
    .argument('[plan]', 'folder with a plan.yaml; without, the plan of the newest run')
    .option('--step <id>', 'only this rollout')
    .option('--who', 'the user ids of those who are let in')
    .addHelpText(
      'after',
      `
Asks the application's database who is in the plan's segments, as a run would,
and evaluates the flags that each stage would publish for every one of them.
Reads only; a segment whose SQL costs too much is not asked.`,
    );
}

async function execute(
  output: Output,
  options: RolloutOptions,
  _action: string,
  planPath?: string,
): Promise<ExitCode> {
  return await withStore(options, async (store, databaseUrl) => {
    const { journal } = await loadJournal(store);
    const bound = planPath === undefined ? await pinnedPlan(store, journal) : readPlan(planPath, output);
    if (!bound)
      throw new Refusal('no plan has been run on this database yet: name one, such as plans/batch-2');
    assertRollout(bound, options.step);
    const seen = await lookAtSegments(bound, journal, await openTarget(databaseUrl), store);
    const stages = previewRollouts(bound, journal, seen.members, options.step);
    output.data(asData(seen, stages, options.who === true));
    print(output, seen, stages, options.who === true);
    return seen.figures.some((figures) => 'problem' in figures) ? exitCodes.failed : exitCodes.ok;
  });
}

function readPlan(planPath: string, output: Output): BoundPlan {
  const folder = readPlanFolder(planPath);
  const { bound, findings } = checkPlan(folder.files);
  if (bound) return bound;
  printFindings(findings, folder, output);
  throw new Refusal(`${planPath} is not valid: ${countedFindings(findings)}.`, { details: { findings } });
}

/** @throws {Refusal} when the plan has no rollouts, or not the one that was asked for. */
function assertRollout(bound: BoundPlan, wanted: string | undefined): void {
  const rollouts = [...bound.steps.values()].flatMap((owner) =>
    plannedRollout(owner, bound.plan.groups) ? [owner.step.id] : [],
  );
  if (rollouts.length === 0) throw new Refusal('the plan has no rollout');
  if (wanted === undefined || rollouts.includes(wanted)) return;
  const meant = suggestion(wanted, rollouts);
  throw new Refusal(
    `--step ${wanted}: expected a rollout of the plan: ${rollouts.join(', ')}${meant === undefined ? '' : `; ${meant}`}`,
  );
}

function print(output: Output, seen: SeenSegments, stages: readonly PreviewedStage[], who: boolean): void {
  if (seen.figures.length > 0) output.result(pc.bold('Segments'));
  for (const row of columns(seen.figures.map(segmentRow))) output.result(row);
  if (seen.figures.length > 0) output.result();
  output.result(pc.bold('Stages, in the order of the plan'));
  const rows = stages.map((stage) => ({ stage, rows: stageRows(stage) }));
  const lines = columns(rows.flatMap((each) => each.rows));
  let next = 0;
  for (const { stage, rows: own } of rows) {
    for (const line of lines.slice(next, next + own.length)) output.result(line);
    next += own.length;
    if (who) for (const person of newPeople(stage)) output.result(`    ${person}`);
  }
  output.line(pc.dim('Counted are the people of the plan’s segments. Nobody was let in.'));
}

function segmentRow(figures: SegmentFigures): readonly string[] {
  const { segment } = figures;
  if ('problem' in figures) return [`  ${segment}`, pc.red(`could not be looked at: ${figures.problem}`)];
  const { found, size, cost, maxCost } = figures;
  const stay = size > found ? `, and ${count(size - found)} who were in before and stay` : '';
  return [
    `  ${segment}`,
    `${people(found)}${stay}`,
    pc.dim(`cost ${count(Math.round(cost))} of at most ${count(maxCost)}`),
  ];
}

/** One row where all flags of the stage reach the same people, as they do unless somebody decided otherwise. */
function stageRows({ step, group, audience, flags }: PreviewedStage): readonly (readonly string[])[] {
  const told = flags.map((flag) => ({ flag: flag.flag, told: figuresOf(flag) }));
  const same = told.every((each) => each.told === told[0]?.told);
  const name = [`  ${step}`, group, audienceText([audience])];
  if (same) return [[...name, told[0]?.told ?? '', pc.dim(flags.map(({ flag }) => flag).join(', '))]];
  return told.map((each, index) => [...(index === 0 ? name : ['', '', '']), each.told, pc.dim(each.flag)]);
}

function figuresOf({ killed, on, added, heldBack }: PreviewedFlag): string {
  if (killed) return 'nobody: switched off by an operator';
  const control = heldBack.length > 0 ? `, ${count(heldBack.length)} held back` : '';
  return `${people(on.length)}, ${count(added.length)} of them new${control}`;
}

function people(number: number): string {
  return number === 1 ? '1 person' : `${count(number)} people`;
}

function newPeople({ flags }: PreviewedStage): readonly string[] {
  return [...new Set(flags.flatMap(({ added }) => added))].toSorted();
}

function asData({ figures }: SeenSegments, stages: readonly PreviewedStage[], who: boolean): object {
  const ofFlag = ({ flag, killed, on, added, heldBack }: PreviewedFlag) => ({
    flag,
    killed,
    on: on.length,
    added: added.length,
    heldBack: heldBack.length,
    ...(who && { who: added }),
  });
  return {
    segments: figures,
    stages: stages.map(({ flags, ...stage }) => ({ ...stage, flags: flags.map(ofFlag) })),
  };
}
