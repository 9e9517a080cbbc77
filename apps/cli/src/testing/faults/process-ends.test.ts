import { describe, expect, it } from 'vitest';
import { problemsOfEnds, type ProcessEnd } from './process-ends.ts';

const expected = { byItself: [0, 3], asked: [4] };

function problems(end: Omit<ProcessEnd, 'name'>): readonly string[] {
  return problemsOfEnds([{ name: 'controller-1', ...end }], () => expected);
}

describe('the end of a process', () => {
  it.each([
    ['its work is done', { code: 3, signal: null, sent: [] }],
    ['its work is done just when it is killed', { code: 0, signal: null, sent: ['SIGKILL'] }],
    ['it was killed on purpose', { code: null, signal: 'SIGKILL', sent: ['SIGSTOP', 'SIGKILL'] }],
    ['everything ends while it dies', { code: null, signal: 'SIGKILL', sent: ['SIGKILL', 'SIGTERM'] }],
    ['it was asked to end, and says so', { code: 4, signal: null, sent: ['SIGTERM'] }],
    [
      'it was asked to end before it could say anything',
      { code: null, signal: 'SIGTERM', sent: ['SIGTERM'] },
    ],
  ] as const)('is no problem when %s', (_, end) => {
    expect(problems(end)).toEqual([]);
  });

  it.each([
    ['by itself with exit code 4', { code: 4, signal: null, sent: [] }],
    ['by itself with exit code 1', { code: 1, signal: null, sent: ['SIGCONT'] }],
    ['when it was asked to with exit code 1', { code: 1, signal: null, sent: ['SIGTERM'] }],
    ['of SIGSEGV, which nobody here has sent', { code: null, signal: 'SIGSEGV', sent: ['SIGTERM'] }],
    ['of SIGKILL, which nobody here has sent', { code: null, signal: 'SIGKILL', sent: [] }],
  ] as const)('is a problem: %s', (how, end) => {
    expect(problems(end)).toEqual([`controller-1 ended ${how}`]);
  });

  it('is a problem when force was needed', () => {
    expect(problems({ code: null, signal: 'SIGKILL', sent: ['SIGTERM', 'SIGKILL'] })).toEqual([
      'controller-1 did not end when it was asked to, and had to be killed',
    ]);
  });
});
