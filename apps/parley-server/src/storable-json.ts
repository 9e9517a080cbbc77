const DEEPEST = 32;

/**
 * Whether Postgres can keep a parsed JSON value as it is, and whoever walks through it later has stack enough: no NUL, no half of a
 * surrogate pair, no number that became infinite, nothing nested without end. Looked at without recursion, since it comes from outside.
 */
export function isStorableJson(value: unknown): boolean {
  const left: { value: unknown; depth: number }[] = [{ value, depth: 1 }];
  for (let next = left.pop(); next !== undefined; next = left.pop()) {
    const { value: each, depth } = next;
    if (typeof each === 'string' && !isStorableText(each)) return false;
    if (typeof each === 'number' && !Number.isFinite(each)) return false;
    if (typeof each !== 'object' || each === null) continue;
    if (depth > DEEPEST || !Object.keys(each).every(isStorableText)) return false;
    for (const inner of Object.values(each)) left.push({ value: inner, depth: depth + 1 });
  }
  return true;
}

/** Postgres stores neither NUL nor half of a surrogate pair: better refused than changed on the way. */
export const isStorableText = (text: string): boolean => !text.includes('\u0000') && text.isWellFormed();
