import { spawnSync } from 'node:child_process';
import type { Machine } from './machine.ts';
import { readOnly, refusesNameless, refusesReadOnly, startsAndEnds, startsTwice } from './prove.ts';

/** Known by this name nearly everywhere. */
const nobody = 65_534;
const isRoot = process.getuid?.() === 0;
const needsRoot = () => (isRoot ? undefined : 'only root can make it');

const smallSharedMemory = [
  'unshare',
  '--mount',
  'sh',
  '-c',
  'mount -t tmpfs -o size=64m tmpfs /dev/shm && exec "$@"',
  'sh',
];

/** Each write that must reach the disk takes 50 ms longer, as on a worn memory card or a share in a busy network. */
const slowDisk = [
  'strace',
  '--follow-forks',
  '--seccomp-bpf',
  '--quiet=all',
  '--output=/dev/null',
  '--trace=fsync,fdatasync',
  '--inject=fsync,fdatasync:delay_enter=50ms',
];

function needsTracing([program = '', ...given]: readonly string[]): string | undefined {
  const { status, error } = spawnSync(program, [...given, 'true']);
  if (error) return 'made with strace (Debian: apt-get install strace)';
  return status === 0 ? undefined : 'strace may trace nothing here';
}

/** Tried: containers often forbid it to root, too. */
function needsMounting([program = '', ...given]: readonly string[]): string | undefined {
  const { status } = spawnSync(program, [...given, 'true']);
  return status === 0 ? undefined : 'mounting is not allowed here';
}

/** What is possible here is tried; what is not is listed with the reason. */
export const machines: readonly Machine[] = [
  {
    name: 'a closed folder, "Größe ü 文"',
    quick: true,
    folder: 'Größe ü 文/the clone',
    closed: true,
    prove: startsAndEnds,
  },
  { name: 'a user who is not root', quick: true, uid: nobody, obstacle: needsRoot, prove: startsAndEnds },
  {
    name: 'a user id without a name',
    quick: false,
    uid: 54_321,
    obstacle: needsRoot,
    prove: refusesNameless,
  },
  { name: 'npm 10 on Node 20', quick: false, npm: '10', node: '20', prove: startsAndEnds },
  { name: 'npm 11 on Node 22', quick: false, npm: '11', node: '22', prove: startsAndEnds },
  { name: 'npm 12 on Node 22', quick: false, npm: '12', node: '22', prove: startsAndEnds },
  { name: 'npm 12 on Node 24', quick: false, npm: '12', node: '24', prove: startsAndEnds },
  { name: 'twice at once', quick: false, prove: startsTwice },
  {
    name: 'no HOME, a TMPDIR that is missing',
    quick: false,
    env: { HOME: undefined, TMPDIR: '/nonexistent/tmp' },
    prove: startsAndEnds,
  },
  {
    name: '/dev/shm of 64 MB',
    quick: false,
    wrap: smallSharedMemory,
    obstacle: () => needsMounting(smallSharedMemory),
    prove: startsAndEnds,
  },
  {
    name: 'a disk that is 50 ms slow',
    quick: false,
    wrap: slowDisk,
    obstacle: () => needsTracing(slowDisk),
    prove: startsAndEnds,
  },
  {
    name: 'a clone that is read-only',
    quick: false,
    obstacle: () => needsMounting(readOnly),
    prove: refusesReadOnly,
  },
  notHere('macOS', process.platform === 'darwin', 'this is not a Mac'),
  notHere('ARM', process.arch === 'arm64', 'this is not an ARM machine'),
];

/** The others prove it where we are on one. */
function notHere(name: string, isHere: boolean, reason: string): Machine {
  return isHere
    ? { name, quick: true, prove: startsAndEnds }
    : { name, quick: true, obstacle: () => reason, prove: startsAndEnds };
}
