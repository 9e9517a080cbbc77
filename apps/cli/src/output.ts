import pc from 'picocolors';
import { printable, printableJson } from './printable.ts';
import { lineWidth, visibleLength, wrapText } from './wrap-text.ts';

/** Where a command writes: people read stdout and stderr, scripts read one JSON document on stdout. */
export interface Output {
  readonly json: boolean;
  readonly quiet: boolean;
  /** What was asked for; nothing with --json. Wrapped lines are indented by `indent` more than the first. */
  result(text?: string, indent?: number): void;
  /** What goes on meanwhile, for people; nothing with --json or --quiet. */
  line(text?: string, indent?: number): void;
  /** For scripts; nothing without --json. One document: what comes after the first is not written. */
  data(value: unknown): void;
  /** Not what was asked for, but to be known; nothing with --quiet. */
  warn(text: string): void;
  /** What keeps the command from its work while it goes on trying. Shown whatever was asked for. */
  problem(text: string): void;
}

export interface OutputChoice {
  readonly json?: boolean;
  readonly quiet?: boolean;
}

export function createOutput({ json = false, quiet = false }: OutputChoice): Output {
  let written = false;
  const print = (text: string, indent: number) => {
    process.stdout.write(`${fitted(text, indent, lineWidth())}\n`);
  };
  return {
    json,
    quiet,
    result: (text = '', indent = 2) => {
      if (!json) print(text, indent);
    },
    line: (text = '', indent = 2) => {
      if (!json && !quiet) print(text, indent);
    },
    data: (value) => {
      if (json && !written) process.stdout.write(`${printableJson(JSON.stringify(value, null, 2))}\n`);
      written = true;
    },
    warn: (text) => {
      if (!quiet) tell(`${pc.yellow('!')} ${text}`);
    },
    problem: (text) => tell(`${pc.yellow('!')} ${text}`),
  };
}

/** Says something on stderr, where it disturbs no script. */
export function tell(text: string): void {
  process.stderr.write(`${fitted(text, 2, lineWidth(process.stderr))}\n`);
}

/** Each line of a text as a terminal may get it, wrapped to the width if there is one. */
export function fitted(text: string, indent: number, width: number | undefined): string {
  const lines = text.split('\n').flatMap((raw) => {
    const line = printable(raw);
    if (width === undefined) return [line];
    const own = /^ */.exec(line)?.[0].length ?? 0;
    return visibleLength(line) <= width ? [line] : wrapText(line, width, Math.min(own + indent, width / 2));
  });
  return lines.join('\n');
}
