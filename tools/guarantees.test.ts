import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

const root = join(import.meta.dirname, '..');
const pagePath = join(root, 'docs', 'concepts', 'guarantees.md');
const page = readFileSync(pagePath, 'utf8');

interface HeldBy {
  readonly file: string;
  /** Part of the test's name, as it stands in the file. */
  readonly name: string;
}

/** What stands behind a guarantee: `- [file](../../path): "part of the test's name"`. */
function heldBy(section: string): readonly HeldBy[] {
  return [...section.matchAll(/^- \[[^\]]+\]\(\.\.\/\.\.\/([^)]+)\): "([^"]+)"$/gm)].map(
    ([, file = '', name = '']) => ({ file, name }),
  );
}

const sections = page
  .split(/^(?=### )/m)
  .slice(1)
  .map((text) => {
    const [section = ''] = text.split(/^## /m);
    return { title: section.split('\n', 1)[0]?.replace('### ', '') ?? '', tests: heldBy(section) };
  });

describe('docs/concepts/guarantees.md', () => {
  it('names a test for each guarantee', () => {
    expect(sections.length).toBeGreaterThan(9);
    expect(sections.filter(({ tests }) => tests.length === 0).map(({ title }) => title)).toEqual([]);
  });

  it('names only tests that there are', () => {
    const unknown = sections
      .flatMap(({ tests }) => tests)
      .filter(({ file, name }) => {
        const path = join(root, file);
        return !existsSync(path) || !readFileSync(path, 'utf8').includes(name);
      });
    expect(unknown).toEqual([]);
  });
});
