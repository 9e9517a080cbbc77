import pg from 'pg';
import { expect, it } from 'vitest';
import { loggableError } from './log.ts';

it('keeps what Postgres quotes of rows out of the log', () => {
  const error = new pg.DatabaseError('new row violates a check', 100, 'error');
  Object.assign(error, {
    code: '23514',
    detail: 'Failing row contains (…, a private text, …)',
    where: 'a private text',
  });
  const logged = loggableError(error);
  expect(logged).toMatchObject({ message: 'new row violates a check', code: '23514' });
  expect(JSON.stringify(logged)).not.toContain('private');
});
