import pc from 'picocolors';
import { columns } from './columns.ts';
import { wrapText } from './wrap-text.ts';

/** Markdown of our own making (headings, paragraphs, lists, tables) as it is read best at a terminal of this width. */
export function terminalMarkdown(markdown: string, width: number): string {
  const lines: string[] = [];
  let table: string[][] = [];
  for (const line of [...markdown.split('\n'), '']) {
    if (line.startsWith('|')) {
      table.push(cellsOf(line));
      continue;
    }
    lines.push(...tableLines(table, width));
    table = [];
    lines.push(...textLines(line, width));
  }
  return lines.join('\n').trimEnd();
}

function textLines(line: string, width: number): string[] {
  const heading = /^#+ (.*)$/.exec(line)?.[1];
  if (heading !== undefined) return wrapText(heading, width).map((part) => pc.bold(part));
  return wrapText(line.replaceAll('**', ''), width, line.startsWith('- ') ? 2 : 0);
}

function cellsOf(line: string): string[] {
  // A bar inside a cell is written \\|.
  const cells = line.split(/(?<!\\)\|/).slice(1, -1);
  return cells.map((cell) => cell.trim().replaceAll('\\|', '|').replaceAll('**', ''));
}

function tableLines(table: readonly string[][], width: number): string[] {
  const [head, rule, ...rows] = table;
  if (!head || !rule) return [];
  const lines = columns([head, ...rows], width);
  const [first = '', ...rest] = lines;
  return head.every((cell) => cell === '') ? rest : [pc.dim(first), ...rest];
}
