import type { ExplainedLock, ExplainedPart, Explanation } from '@crossfade/steps';
import pc from 'picocolors';
import type { Output } from '../output.ts';
import type { ExplainedStep } from './explained-steps.ts';

/** Each step with what it does on the server, in the order in which it is done. */
export function printSteps(steps: readonly ExplainedStep[], output: Output): void {
  for (const [place, step] of steps.entries()) {
    if (place > 0) output.result();
    output.result(`${pc.bold(step.id)}  ${step.title} ${pc.dim(`(${step.type})`)}`);
    output.result(`  ${step.does}`);
    for (const explanation of step.onServer) printExplanation(explanation, output);
    if (step.onServer.length === 0) output.result(pc.dim(`  ${undoWords[step.reversibility]}`));
  }
}

const undoWords = {
  reversible: 'Undo: takes back what it did.',
  'nothing-to-undo': 'Undo: there is nothing to take back.',
  contract: 'Undo: none. This is the point of no return.',
} as const;

function printExplanation(
  { title, servers, apply, undo, notes, refused }: Explanation,
  output: Output,
): void {
  if (title !== undefined) output.result(`  ${pc.bold(title)}`);
  if (servers !== null) output.result(`  ${pc.bold(`On ${servers}`)}`);
  if (refused !== null) output.result(`  ${pc.red('✘')} cannot be done: ${refused}`);
  printPart('apply', apply, output);
  printPart('undo', undo, output);
  for (const note of notes) output.result(`  ${pc.yellow('!')} ${note}`, 2);
}

function togetherWords({ statements, together }: ExplainedPart): string {
  if (statements.length < 2) return '';
  return together ? ', all in one transaction' : ', each by itself';
}

function printPart(title: string, part: ExplainedPart, output: Output): void {
  const { statements } = part;
  if (statements.length === 0) return;
  output.result(pc.dim(`  ${title}${togetherWords(part)}`));
  const width = Math.max(...statements.map(({ line }) => String(line).length));
  for (const { line, sql, locks } of statements) {
    const number = String(line).padStart(width);
    const [first = '', ...rest] = sql.split('\n');
    output.result(`  ${number}  ${first}`, width + 2);
    for (const each of rest) output.result(`  ${' '.repeat(width)}  ${each}`);
    for (const lock of locks) output.result(pc.dim(`  ${' '.repeat(width)}    ${lockText(lock)}`));
  }
}

function lockText({ mode, on, keepsOut }: ExplainedLock): string {
  return `${mode} on ${on}: ${keepsOutWords[keepsOut]}`;
}

const keepsOutWords = {
  nobody: 'keeps nobody out',
  writers: 'keeps writers out, readers go on',
  everybody: 'keeps everybody out',
} as const;
