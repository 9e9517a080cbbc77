import type { Direction, PlanFiles } from '@crossfade/engine';

export interface StatementPlace {
  readonly file: string;
  /** From 1. */
  readonly line: number;
}

const undoMarker = /^[ \t]*--[ \t]*crossfade:undo[ \t]*$/m;

/** Where a statement stands in a step's files; null for one that the step made up itself. */
export function placeOfStatement(
  text: string,
  names: readonly string[],
  files: PlanFiles,
  direction: Direction,
): StatementPlace | null {
  for (const file of names) {
    const sql = files[file] ?? '';
    const undoAt = undoMarker.exec(sql)?.index ?? sql.length;
    const section = direction === 'forward' ? [0, undoAt] : [undoAt, sql.length];
    const at = sql.slice(...section).indexOf(text);
    if (at >= 0) return { file, line: sql.slice(0, at + (section[0] ?? 0)).split('\n').length };
  }
  return null;
}
