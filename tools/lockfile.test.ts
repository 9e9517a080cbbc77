import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

interface Locked {
  readonly resolved?: string;
  readonly optionalDependencies?: Readonly<Record<string, string>>;
}

const text = readFileSync(join(import.meta.dirname, '..', 'package-lock.json'), 'utf8');
const { packages } = JSON.parse(text) as { packages: Readonly<Record<string, Locked>> };

describe('package-lock.json', () => {
  it('names no registry: everybody installs from their own', () => {
    const hosts = Object.values(packages).filter(({ resolved }) => resolved?.startsWith('http'));
    expect(hosts, 'run npm install with omit-lockfile-registry-resolved=true').toEqual([]);
  });

  it('has the builds of every platform, or "npm ci" refuses it on all of them', () => {
    const locked = new Set(Object.keys(packages).map((path) => path.split('node_modules/').at(-1)));
    const missing = Object.entries(packages).flatMap(([path, { optionalDependencies = {} }]) =>
      Object.keys(optionalDependencies)
        .filter((name) => !locked.has(name))
        .map((name) => `${name} of ${path}`),
    );
    expect(missing, 'pin the newest version whose platform builds are all published').toEqual([]);
  });
});
