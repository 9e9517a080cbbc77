import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';

const root = join(import.meta.dirname, '..');
/** Rooms that work on a database of somebody's; local-postgres tests the server that it brings. */
const rooms = [
  'packages/store',
  'packages/controller',
  'packages/steps',
  'packages/flags',
  'apps/cli',
  'apps/parley-server',
];

/** Tests that would say the same on any ground, by why: left out unless everything is asked for. */
const sameAnywhere: Readonly<Record<string, readonly string[]>> = {
  'asks what a person reads, not how the database answers': [
    'apps/cli/src/doctor/doctor.test.ts',
    'apps/cli/src/terminal.test.ts',
  ],
  'gives garbage to doors in front of the database': [
    'apps/cli/src/garbage/environment.test.ts',
    'apps/parley-server/src/routes/http-connections.test.ts',
    'apps/parley-server/src/routes/http-garbage.test.ts',
    'apps/parley-server/src/socket-garbage.test.ts',
    'apps/parley-server/src/content/slack/slack-garbage.test.ts',
  ],
  'spends its time on passwords': ['apps/parley-server/src/routes/session-routes.test.ts'],
  'stages accidents of processes and networks, each with a whole run': [
    'apps/cli/src/testing/faults/faults.test.ts',
    'apps/cli/src/testing/faults/shift-clock.test.ts',
  ],
};

export interface DatabaseTests {
  /** Test files that make databases, themselves or by what they import; paths from the root of the repository. */
  readonly all: readonly string[];
  /** Those whose subject is what the database does. */
  readonly chosen: readonly string[];
  readonly leftOut: readonly { readonly why: string; readonly files: readonly string[] }[];
}

/** @throws Error when a file to be left out is not there (any more): it would come back unseen under another name. */
export function databaseTests(): DatabaseTests {
  const known = new Map<string, boolean>();
  const all = rooms
    .flatMap(testFiles)
    .filter((file) => reachesDatabase(file, known))
    .map((file) => relative(root, file))
    .toSorted();
  const leftOut = Object.entries(sameAnywhere).map(([why, files]) => ({ why, files }));
  const named = new Set(leftOut.flatMap(({ files }) => files));
  const strays = [...named].filter((file) => !all.includes(file));
  if (strays.length > 0) throw new Error(`${strays.join(', ')}: expected tests that touch a database`);
  return { all, chosen: all.filter((file) => !named.has(file)), leftOut };
}

function testFiles(room: string): readonly string[] {
  return readdirSync(join(root, room, 'src'), { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.test.ts'))
    .map((name) => join(root, room, 'src', name));
}

function reachesDatabase(file: string, known: Map<string, boolean>): boolean {
  const before = known.get(file);
  if (before !== undefined) return before;
  known.set(file, false); // Of a circle, the other way round decides.
  const text = existsSync(file) ? readFileSync(file, 'utf8') : '';
  const imported = [...text.matchAll(/from '([^']+)'/g)].map(([, name = '']) => name);
  const reaches = imported.some(
    (name) =>
      name === '@crossfade/local-postgres/testing' ||
      (name.startsWith('.') && reachesDatabase(join(dirname(file), name), known)),
  );
  known.set(file, reaches);
  return reaches;
}
