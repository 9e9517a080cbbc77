import { hasSqlDetails, loadModule, parseSync, type Node } from 'libpg-query';

// Postgres' own parser, compiled to WebAssembly. Loaded here once, so that everything that follows is synchronous.
await loadModule();

export interface Statement {
  /** As written, without the semicolon. */
  readonly text: string;
  /** Line in the file, from 1. */
  readonly line: number;
  readonly node: Node;
}

export type ParsedSql =
  | { readonly ok: true; readonly statements: readonly Statement[] }
  | { readonly ok: false; readonly message: string; readonly line: number; readonly column: number };

const encoder = new TextEncoder();
const decoder = new TextDecoder();

/** Splits SQL into its statements the way Postgres does. Lines and columns count from 1; a text without any is fine. */
export function parseStatements(sql: string): ParsedSql {
  // The parser refuses a text of nothing but comments and white space.
  if (isBlank(sql)) return { ok: true, statements: [] };
  try {
    const bytes = encoder.encode(sql);
    const statements: Statement[] = [];
    // Counted on from one statement to the next: from the start each time, a large file would take minutes.
    let counted = 0;
    let linesBefore = 0;
    for (const raw of parseSync(sql).stmts ?? []) {
      const start = raw.stmt_location ?? 0;
      const end = raw.stmt_len ? start + raw.stmt_len : bytes.length;
      const text = decoder.decode(bytes.subarray(start, end));
      linesBefore += countLineFeeds(bytes.subarray(counted, start));
      counted = start;
      const leading = text.slice(0, text.length - text.trimStart().length);
      const line = linesBefore + countLines(leading) + 1;
      if (raw.stmt) statements.push({ text: text.trim().replace(/;$/, ''), line, node: raw.stmt });
    }
    return { ok: true, statements };
  } catch (error) {
    // Anything else, such as an expression nested too deeply for the parser, is still a fault of the text.
    if (!hasSqlDetails(error)) return { ok: false, message: String(error), line: 1, column: 1 };
    // The parser counts code points.
    const before = Array.from(sql).slice(0, error.sqlDetails?.cursorPosition).join('');
    const column = before.length - (before.lastIndexOf('\n') + 1) + 1;
    return { ok: false, message: error.message, line: countLines(before) + 1, column };
  }
}

/** Nothing but white space and comments. A comment that does not end is left to the parser to complain about. */
function isBlank(sql: string): boolean {
  const comment = /\s+|--[^\n]*|\/\*/y;
  for (let at = 0; at < sql.length; at = comment.lastIndex) {
    comment.lastIndex = at;
    const found = comment.exec(sql)?.[0];
    if (found === undefined) return false;
    if (found !== '/*') continue;
    const end = sql.indexOf('*/', comment.lastIndex);
    if (end < 0) return false;
    comment.lastIndex = end + 2;
  }
  return true;
}

function countLines(text: string): number {
  return text.split('\n').length - 1;
}

function countLineFeeds(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(10); at >= 0; at = bytes.indexOf(10, at + 1)) count += 1;
  return count;
}
