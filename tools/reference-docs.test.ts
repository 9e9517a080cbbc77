import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { referenceDocs } from './reference-docs.ts';

describe('docs/reference', () => {
  it.each(Object.entries(referenceDocs()))('%s is what the code says', (path, text) => {
    const written = readFileSync(join(import.meta.dirname, '..', path), 'utf8');
    expect(written === text, `run "npm run docs" and commit ${path}`).toBe(true);
  });
});
