import { oneLine, pathText, valueText } from './finding.ts';
import type { DocumentPath, Finding } from './finding.ts';
import type { Place, YamlSource } from './yaml-source.ts';

export const planFile = 'plan.yaml';
const mostFindings = 100;
const longestText = 500;
const longestValue = 100;

interface Problem {
  readonly path: DocumentPath;
  readonly message: string;
  readonly expected: string;
  /** The name of the value is wrong, not the value. */
  readonly atKey?: boolean;
  readonly value?: string;
  readonly severity?: 'warning';
  /** Known better than by its path: found while the text was read. What comes later about that path is only a consequence. */
  readonly place?: Place;
  /** Asked for only when the finding is kept. */
  readonly hint?: (() => string | undefined) | undefined;
}

/** Collects what is wrong with a plan: each problem once, a hundred at most, in the order of the file. */
export interface Report {
  add(problem: Problem): void;
  valueAt(path: DocumentPath): unknown;
  hasErrors(): boolean;
  findings(): Finding[];
}

export function createReport(source: YamlSource): Report {
  const kept = new Map<string, Finding>();
  const unreadable = new Set<string>();
  let dropped = 0;
  let errors = 0;

  const add = (problem: Problem): void => {
    const severity = problem.severity ?? 'error';
    if (severity === 'error') errors += 1;
    const identity = JSON.stringify([problem.path, problem.message]);
    if (kept.has(identity) || unreadable.has(pathText(problem.path))) return;
    if (problem.place && problem.path.length > 0) unreadable.add(pathText(problem.path));
    if (kept.size >= mostFindings) dropped += 1;
    else kept.set(identity, finding(problem, severity));
  };

  const finding = (problem: Problem, severity: 'error' | 'warning'): Finding => {
    const hint = problem.hint?.();
    return {
      severity,
      file: planFile,
      ...(problem.place ?? source.placeOf(problem.path, problem.atKey === true ? 'key' : 'value')),
      path: oneLine(pathText(problem.path), longestText),
      value: oneLine(problem.value ?? valueText(valueAt(source.value, problem.path)), longestValue),
      message: oneLine(problem.message, longestText),
      expected: oneLine(problem.expected, longestText),
      ...(hint === undefined ? {} : { hint }),
    };
  };

  const findings = (): Finding[] => {
    const sorted = [...kept.values()].toSorted((a, b) => a.line - b.line || a.column - b.column);
    return dropped === 0 ? sorted : [...sorted, moreFinding(dropped)];
  };

  return { add, valueAt: (path) => valueAt(source.value, path), hasErrors: () => errors > 0, findings };
}

function moreFinding(dropped: number): Finding {
  const message = `There are ${dropped} more problems; mend these first.`;
  return {
    severity: 'error',
    file: planFile,
    line: 1,
    column: 1,
    path: '',
    value: '',
    message,
    expected: '',
  };
}

/** undefined where there is nothing. */
export function valueAt(root: unknown, path: DocumentPath): unknown {
  let value = root;
  for (const part of path) {
    if (value === null || typeof value !== 'object' || !Object.hasOwn(value, part)) return undefined;
    value = Reflect.get(value, part);
  }
  return value;
}
