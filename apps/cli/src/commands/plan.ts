import type { BoundPlan } from '@crossfade/engine';
import type { Command } from 'commander';
import { oneOf } from '../argument.ts';
import { checkPlan } from '../catalogs.ts';
import { exitCodes, Refusal, type ExitCode } from '../exit-codes.ts';
import { explainedSteps } from '../explain/explained-steps.ts';
import { printSteps } from '../explain/print-steps.ts';
import { withGround } from '../explain/with-ground.ts';
import { countedFindings, printFindings } from '../findings.ts';
import type { Output } from '../output.ts';
import { readPlanFolder } from '../plan-folder.ts';
import { assertStep } from '../explain/assert-step.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';

export const planCommand: CrossfadeCommand<PlanOptions> = {
  name: 'plan',
  about: 'Show what each step of a plan does on the server, which locks that takes, and how it is undone',
  needsDatabase: true,
  declare,
  execute,
};

interface PlanOptions {
  readonly database?: string;
  readonly step?: string;
  readonly server?: string;
}

function declare(command: Command): void {
  command
    .addArgument(oneOf('action', 'what to do', ['explain']))
    .argument('[plan]', 'folder with a plan.yaml', 'plans/batch-2')
    .option('--step <id>', 'only this step')
    .option('--server <version>', 'as on this version of Postgres, such as 15; asks no database')
    .addHelpText(
      'after',
      `
With --database or DATABASE_URL, the server is asked what it is and what its
tables are like: nothing is changed there. Without, it is said where Postgres
before 18 does it in another way. A statement is named in messages by the number
before it: the line of its file, or its place among those of a change.`,
    );
}

async function execute(
  output: Output,
  options: PlanOptions,
  _action: string,
  planPath: string,
): Promise<ExitCode> {
  const bound = readPlan(planPath, output);
  assertStep(bound, options.step);
  const explained = await withGround(
    options,
    output,
    async (asked) => await explainedSteps(bound, { files: bound.files, asked }, options.step),
  );
  output.data({ plan: bound.plan.name, steps: explained });
  printSteps(explained, output);
  return exitCodes.ok;
}

function readPlan(planPath: string, output: Output): BoundPlan {
  const folder = readPlanFolder(planPath);
  const { bound, findings } = checkPlan(folder.files);
  if (bound) return bound;
  printFindings(findings, folder, output);
  throw new Refusal(`${planPath} is not valid: ${countedFindings(findings)}.`, { details: { findings } });
}
