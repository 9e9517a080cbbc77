import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/**
 * Who may import whom, by package name. What a room needs for its tests alone is in `testing`.
 * To change it, change the table in ARCHITECTURE.md too, and say why in docs/decisions/.
 */
const allowed: Readonly<
  Record<string, { readonly rooms: readonly string[]; readonly testing?: readonly string[] }>
> = {
  'packages/plan': { rooms: [] },
  'packages/flags': { rooms: [], testing: ['local-postgres'] },
  'packages/relay': { rooms: ['flags'], testing: ['local-chromium'] },
  'packages/telemetry': { rooms: [], testing: ['local-postgres', 'store'] },
  'packages/local-postgres': { rooms: [] },
  'packages/local-chromium': { rooms: [] },
  'packages/engine': { rooms: ['plan'] },
  'packages/steps': { rooms: ['engine', 'plan', 'flags'], testing: ['local-postgres'] },
  'packages/gates': { rooms: ['engine', 'plan'] },
  'packages/store': { rooms: ['engine'], testing: ['local-postgres'] },
  'packages/controller': {
    rooms: ['engine', 'steps', 'gates', 'store', 'plan', 'flags'],
    testing: ['local-postgres'],
  },
  'apps/cli': {
    rooms: [
      'engine',
      'steps',
      'gates',
      'store',
      'plan',
      'flags',
      'controller',
      'local-postgres',
      'relay',
      'telemetry',
    ],
  },
  'apps/parley-server': { rooms: ['flags', 'telemetry'], testing: ['local-postgres'] },
  'apps/parley-web': { rooms: [], testing: ['flags', 'local-postgres', 'local-chromium'] },
  'apps/parley-load': { rooms: [], testing: ['local-postgres'] },
  bench: {
    rooms: ['flags', 'local-postgres', 'local-chromium', 'store', 'controller', 'engine', 'steps'],
  },
};

const root = join(import.meta.dirname, '..');
const rooms = ['packages', 'apps']
  .flatMap((folder) => readdirSync(join(root, folder)).map((name) => `${folder}/${name}`))
  .concat('bench')
  .filter((room) => existsSync(join(root, room, 'package.json')));

interface Manifest {
  readonly dependencies?: Readonly<Record<string, string>>;
  readonly devDependencies?: Readonly<Record<string, string>>;
}

function internal(dependencies: Readonly<Record<string, string>> = {}): string[] {
  return Object.keys(dependencies)
    .filter((name) => name.startsWith('@crossfade/'))
    .map((name) => name.slice('@crossfade/'.length));
}

function sourcesOf(room: string): string[] {
  return readdirSync(join(root, room, 'src'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.ts'),
  );
}

function isTest(file: string): boolean {
  return file.endsWith('.test.ts') || file.split('/').includes('testing');
}

describe('who may import whom', () => {
  it('has a row for every room', () => {
    expect(rooms.toSorted(), 'add the new room to the table above and to ARCHITECTURE.md').toEqual(
      Object.keys(allowed).toSorted(),
    );
  });

  describe.each(rooms)('%s', (room) => {
    const row = allowed[room] ?? { rooms: [] };

    it('declares only the rooms it may use', () => {
      const manifest = JSON.parse(readFileSync(join(root, room, 'package.json'), 'utf8')) as Manifest;
      const surplus = [
        ...internal(manifest.dependencies).filter((name) => !row.rooms.includes(name)),
        ...internal(manifest.devDependencies).filter(
          (name) => ![...row.rooms, ...(row.testing ?? [])].includes(name),
        ),
      ];
      expect(
        surplus,
        `${room} may depend on ${row.rooms.join(', ') || 'no other room'}: move the code that needs more`,
      ).toEqual([]);
    });

    it('imports only what it declares, and never an application', () => {
      const offences = sourcesOf(room).flatMap((file) => {
        const code = readFileSync(join(root, room, 'src', file), 'utf8');
        const may = isTest(file) ? [...row.rooms, ...(row.testing ?? [])] : row.rooms;
        const internalImports = [...code.matchAll(/from '@crossfade\/([\w-]+)/g)].map(
          (match) => match[1] ?? '',
        );
        const outside = [
          ...code.matchAll(/(?:from|import)\s*\(?'((?:\.\.\/)+(?:apps|packages|bench)\/[^']*)'/g),
        ];
        return [
          ...internalImports
            .filter((name) => !may.includes(name))
            .map((name) => `${file} imports @crossfade/${name}`),
          ...outside.map((match) => `${file} reaches into ${match[1]}`),
        ];
      });
      expect(
        offences,
        `${room} may import ${row.rooms.join(', ') || 'no other room'}, through its package name`,
      ).toEqual([]);
    });
  });
});
