import { counted } from './count.ts';
import { join } from 'node:path';
import type { Finding } from '@crossfade/plan';
import pc from 'picocolors';
import type { Output } from './output.ts';
import type { PlanFolder } from './plan-folder.ts';

/** Prints findings the way compilers do: place first, so that editors can jump there. */
export function printFindings(findings: readonly Finding[], folder: PlanFolder, output: Output): void {
  for (const finding of findings) {
    const word = finding.severity === 'error' ? pc.red('error') : pc.yellow('warning');
    const file = finding.file === 'plan.yaml' ? folder.mainFile : join(folder.path, finding.file);
    output.result(`${file}:${finding.line}:${finding.column} ${word} ${finding.message}`);
    if (finding.path)
      output.result(pc.dim(`    at ${finding.path}${finding.value ? ` = ${finding.value}` : ''}`));
    if (finding.expected) output.result(pc.dim(`    expected ${finding.expected}`));
    if (finding.hint) output.result(pc.dim(`    ${finding.hint}`));
  }
}

/** "1 error", "2 errors, 1 warning". */
export function countedFindings(findings: readonly Finding[]): string {
  const { errors, warnings } = countFindings(findings);
  const told = [countedIfAny(errors, 'error'), countedIfAny(warnings, 'warning')];
  return told.filter((text) => text !== '').join(', ') || 'no errors';
}

function countedIfAny(value: number, noun: string): string {
  return value === 0 ? '' : counted(value, noun);
}

export function countFindings(findings: readonly Finding[]): { errors: number; warnings: number } {
  const errors = findings.filter((finding) => finding.severity === 'error').length;
  return { errors, warnings: findings.length - errors };
}
