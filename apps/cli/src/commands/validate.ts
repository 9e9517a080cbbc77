import type { Command } from 'commander';
import pc from 'picocolors';
import { checkPlan } from '../catalogs.ts';
import { exitCodes, type ExitCode } from '../exit-codes.ts';
import { countedFindings, countFindings, printFindings } from '../findings.ts';
import { counted } from '../count.ts';
import type { Output } from '../output.ts';
import { readPlanFolder } from '../plan-folder.ts';
import type { CrossfadeCommand } from '../crossfade-command.ts';

export const validateCommand: CrossfadeCommand<object> = {
  name: 'validate',
  about: 'Check a plan and say all that is wrong with it, with line and column',
  declare,
  execute,
};

function declare(command: Command): void {
  command.argument('[plan]', 'folder with a plan.yaml', 'plans/batch-2');
}

async function execute(output: Output, _options: object, planPath: string): Promise<ExitCode> {
  const folder = readPlanFolder(planPath);
  const { bound, findings } = checkPlan(folder.files);
  const { errors, warnings } = countFindings(findings);
  printFindings(findings, folder, output);
  output.data({ valid: bound !== undefined, errors, warnings, digest: bound?.digest ?? null, findings });
  if (!bound) {
    output.result(pc.red(`${planPath} is not valid: ${countedFindings(findings)}.`));
    return exitCodes.refused;
  }
  const { plan, steps, gates } = bound;
  const parts = [
    counted(plan.phases.length, 'phase'),
    counted(steps.size, 'step'),
    counted(gates.size, 'gate'),
  ];
  output.result(
    `${pc.green('✔')} ${planPath} is valid: ${parts.join(', ')}` +
      `${warnings > 0 ? `, ${countedFindings(findings)}` : ''}. Digest ${bound.digest.slice(0, 12)}.`,
  );
  return exitCodes.ok;
}
