import { expect, it } from 'vitest';
import { defaultKind } from './default-kind.ts';

it.each([
  [`'open'`, 'constant'],
  ['0', 'constant'],
  ['-1.5', 'constant'],
  ['true', 'constant'],
  ['null', 'constant'],
  [`'{}'::jsonb`, 'constant'],
  [`'{}'::text[]`, 'constant'],
  ['now()', 'constant'],
  ['current_timestamp', 'constant'],
  ['gen_random_uuid()', 'volatile'],
  [`nextval('a_seq')`, 'volatile'],
  ['upper(md5(random()::text))', 'volatile'],
  ['of_our_own()', 'unknown'],
  [`'x'::of_our_own`, 'unknown'],
  ['1 + 1', 'unknown'],
])('%s is %s', (text, kind) => {
  expect(defaultKind(text)).toBe(kind);
});
