import { describe, expect, it } from 'vitest';
import type { Remains } from './examine.ts';
import { problemsOfUndisturbed } from './undisturbed-run.ts';

const before: Remains = {
  entries: [],
  schema: 'old',
  frozenRows: '600:as they were',
  filled: '',
  unfilled: 0,
};
const after: Remains = { ...before, schema: 'new', filled: '600:words' };

describe('the run that all others are compared with', () => {
  it('must itself leave the messages from before as they were', () => {
    const changed = 'messages from before the run are 600:changed, and were 600:as they were';
    expect(problemsOfUndisturbed({ ...after, before, frozenRows: '600:changed' })).toContain(changed);
    expect(problemsOfUndisturbed({ ...after, before })).not.toContain(changed);
  });

  it('must fill every message, and pass every place where another run is hurt', () => {
    expect(problemsOfUndisturbed({ ...after, before, unfilled: 2 })).toEqual(
      expect.arrayContaining(['2 messages are not filled', 'it did not pass effect.requested fill']),
    );
  });
});
