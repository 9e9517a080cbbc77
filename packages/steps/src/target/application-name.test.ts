import { expect, it } from 'vitest';
import { applicationNameOf } from './application-name.ts';

it('names run and step', () => {
  expect(applicationNameOf({ runId: 'run-1', stepId: 'add-tables' })).toBe('crossfade/run-1/add-tables');
});

it('is what Postgres shows: no longer than it keeps, in printable ASCII', () => {
  const name = applicationNameOf({ runId: 'run-1', stepId: `größe ${'x'.repeat(100)}` });
  expect(name).toMatch(/^[\x21-\x7e]{63}$/);
  expect(name).toMatch(/^crossfade\/run-1\/gr\?\?e\?x+~[0-9a-f]{12}$/);
});

it('tells long names apart that begin alike', () => {
  const names = ['a', 'b'].map((end) => applicationNameOf({ runId: 'run', stepId: 'x'.repeat(80) + end }));
  expect(new Set(names).size).toBe(2);
});
