import { Lexer } from 'yaml';
import { documentLimits } from './document-limits.ts';

const { mostLexemes, deepest } = documentLimits;

interface Excess {
  /** Of the first lexeme that is too much, in the text. */
  readonly offset: number;
  readonly message: string;
  readonly expected: string;
}

/** The library's signs for itself, which stand for no text. */
const scalarFollows = '\u{1f}';
const flowBrokenOff = '\u{18}';
const withoutText: ReadonlySet<string> = new Set(['\u{2}', flowBrokenOff, scalarFollows]);

/**
 * Whether a text has more to it than is worth composing. To compose it takes time and memory for every lexeme (a bracket, a
 * colon, a scalar, a space between them), and far more for what is nested, long before any value could be counted.
 * @param text without control characters.
 */
export function excessOf(text: string): Excess | undefined {
  let offset = 0;
  let count = 0;
  let depth = 0;
  let before = '';
  for (const lexeme of new Lexer().lex(text)) {
    count += 1;
    if (count > mostLexemes)
      return {
        offset,
        message: 'The document is too large',
        expected: `at most ${mostLexemes} lexemes of YAML`,
      };
    depth = before === scalarFollows ? depth : depthAfter(lexeme, depth);
    if (depth > deepest)
      return { offset, message: 'The document is nested too deeply', expected: `at most ${deepest} levels` };
    if (!withoutText.has(lexeme)) offset += lexeme.length;
    before = lexeme;
  }
  return undefined;
}

/** Of lists and maps in brackets. Those by indentation cost a line each, and are counted as they are read. */
function depthAfter(lexeme: string, depth: number): number {
  if (lexeme === '[' || lexeme === '{') return depth + 1;
  if (lexeme === ']' || lexeme === '}') return Math.max(0, depth - 1);
  return lexeme === flowBrokenOff ? 0 : depth;
}
