import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';

/** Journal hashing needs SHA-256; nothing that decides may. */
const mayUseNode = new Set(['chain.ts']);
const sources = readdirSync(import.meta.dirname).filter(
  (name) => name.endsWith('.ts') && !name.endsWith('.test.ts'),
);

describe('what decides looks at nothing but its arguments', () => {
  it.each(sources.filter((name) => !mayUseNode.has(name)))('%s has no clock, no chance, no I/O', (name) => {
    const code = readFileSync(`${import.meta.dirname}/${name}`, 'utf8').replaceAll(
      /\/\*[\s\S]*?\*\/|\/\/.*/g,
      '',
    );
    const forbidden = /\bDate\b|Math\.random|setTimeout|setInterval|from 'node:|from 'pg'|process\./.exec(
      code,
    );
    expect(
      forbidden?.[0],
      `pass it in through the arguments of decide(), or do it in the controller`,
    ).toBeUndefined();
  });
});
