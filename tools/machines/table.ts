import type { Result } from './machine.ts';

const nameWidth = 34;

export const heading = `${'machine'.padEnd(nameWidth)}  install s   MB  ready s  tests s  result`;

/** A result as one line of at most 80 columns, and its reason below. */
export function row({ name, installMs, megabytes, readyMs, testsMs, outcome, reason }: Result): string {
  const line = [
    name.padEnd(nameWidth),
    seconds(installMs).padStart(9),
    String(megabytes ?? '–').padStart(3),
    seconds(readyMs).padStart(7),
    seconds(testsMs).padStart(7),
    outcome,
  ].join('  ');
  return reason === null ? line : `${line}\n${wrapped(reason)}`;
}

function seconds(ms: number | null): string {
  return ms === null ? '–' : (ms / 1_000).toFixed(1);
}

function wrapped(text: string): string {
  return text
    .split('\n')
    .flatMap((line) => line.match(/.{1,76}/g) ?? [])
    .map((line) => `    ${line}`)
    .join('\n');
}
