import { readdirSync, readFileSync } from 'node:fs';

/**
 * Proportional set size of a process and all its descendants, in bytes: shared pages are counted once among those that share
 * them. Linux only: elsewhere 0.
 */
export function treeMemoryBytes(rootPid: number): number {
  const children = childrenByParent();
  const pids = [rootPid];
  for (const pid of pids) pids.push(...(children.get(pid) ?? []));
  return pids.reduce((sum, pid) => sum + memoryBytes(pid), 0);
}

function childrenByParent(): Map<number, number[]> {
  const children = new Map<number, number[]>();
  for (const name of processNames()) {
    const stat = readProc(`/proc/${name}/stat`);
    // The command in brackets may hold spaces and brackets itself; what follows the last one does not.
    const parent = Number(stat.slice(stat.lastIndexOf(')') + 2).split(' ')[1]);
    children.set(parent, [...(children.get(parent) ?? []), Number(name)]);
  }
  return children;
}

function processNames(): string[] {
  if (process.platform !== 'linux') return [];
  return readdirSync('/proc').filter((name) => /^\d+$/.test(name));
}

function memoryBytes(pid: number): number {
  const match = /^Pss:\s+(\d+) kB/m.exec(readProc(`/proc/${pid}/smaps_rollup`));
  return match ? Number(match[1]) * 1_024 : 0;
}

/** Empty for a process that has just ended. */
function readProc(path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch {
    return '';
  }
}
