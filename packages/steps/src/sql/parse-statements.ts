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
    for (const raw of parseSync(sql).stmts ?? []) {
      const start = raw.stmt_location ?? 0;
      const end = raw.stmt_len ? start + raw.stmt_len : bytes.length;
      const text = decoder.decode(bytes.subarray(start, end));
      const before = decoder.decode(bytes.subarray(0, start));
      const leading = /^\s*/.exec(text)?.[0] ?? '';
      const line = countLines(before) + countLines(leading) + 1;
      if (raw.stmt) statements.push({ text: text.trim().replace(/;$/, ''), line, node: raw.stmt });
    }
    return { ok: true, statements };
  } catch (error) {
    // Anything else, such as an expression nested too deeply for the parser, is still a fault of the text.
    if (!hasSqlDetails(error)) return { ok: false, message: String(error), line: 1, column: 1 };
    // The parser counts code points.
    const before = Array.from(sql)
      .slice(0, error.sqlDetails?.cursorPosition ?? 0)
      .join('');
    const column = before.length - (before.lastIndexOf('\n') + 1) + 1;
    return { ok: false, message: error.message, line: countLines(before) + 1, column };
  }
}

function isBlank(sql: string): boolean {
  return sql.replaceAll(/--[^\n]*|\/\*[\s\S]*?\*\//g, '').trim() === '';
}

function countLines(text: string): number {
  return text.split('\n').length - 1;
}
