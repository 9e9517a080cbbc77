/** Whom a lock on a table keeps waiting, the most first. */
export const keepsOutKinds = ['everybody', 'writers', 'writers of the same rows', 'schema changes'] as const;

export type KeepsOut = (typeof keepsOutKinds)[number];

/**
 * By the table of conflicts in Postgres' manual (13.3.1). ACCESS SHARE, which every SELECT takes, is left out: it keeps out only
 * what itself keeps everybody out.
 */
const byMode: Readonly<Record<string, KeepsOut>> = {
  RowShareLock: 'writers of the same rows',
  RowExclusiveLock: 'writers of the same rows',
  ShareUpdateExclusiveLock: 'schema changes',
  ShareLock: 'writers',
  ShareRowExclusiveLock: 'writers',
  ExclusiveLock: 'writers',
  AccessExclusiveLock: 'everybody',
};

/** An unknown mode is taken for the worst. */
export function keepsOutOf(mode: string): KeepsOut {
  return byMode[mode] ?? 'everybody';
}

/** "AccessExclusiveLock" → "ACCESS EXCLUSIVE", as in statements and the manual. */
export function modeText(mode: string): string {
  return mode
    .replace(/Lock$/, '')
    .replaceAll(/(?!^)([A-Z])/g, ' $1')
    .toUpperCase();
}

export function isStronger(one: KeepsOut, other: KeepsOut): boolean {
  return keepsOutKinds.indexOf(one) < keepsOutKinds.indexOf(other);
}
