import { describe, expect, it } from 'vitest';
import { errorText } from './error-text.ts';

describe('errorText', () => {
  it('tells what an attempt at several addresses met, each thing once', () => {
    const refused = ['::1', '127.0.0.1', '127.0.0.1'].map(
      (host) => new Error(`connect ECONNREFUSED ${host}`),
    );
    expect(errorText(new AggregateError(refused))).toBe(
      'connect ECONNREFUSED ::1, connect ECONNREFUSED 127.0.0.1',
    );
  });

  it('says of a silent server that it is silent', () => {
    expect(errorText(new Error('timeout expired'))).toBe('it does not answer in time');
  });

  it('tells an error by its message, and anything else as it is', () => {
    expect(errorText(new Error('no'))).toBe('no');
    expect(errorText(42)).toBe('42');
  });
});
