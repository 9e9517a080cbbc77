import type { DraftPart } from './draft.ts';
import { lastName } from './finding.ts';
import type { DocumentPath } from './finding.ts';
import { valueAt } from './report.ts';
import type { Report } from './report.ts';
import type { RewrittenNumber } from './yaml-value.ts';

/**
 * Where a type takes a number for text, as an answer that is expected of SQL, its text matters: 1.10 would become "1.1".
 * `config`: what the type has made of the settings of `part`.
 */
export function checkNumberTexts(
  rewritten: readonly RewrittenNumber[],
  part: DraftPart,
  config: unknown,
  report: Report,
): void {
  for (const { path, text } of rewritten) {
    const inner = pathWithin(part.path, path);
    if (inner === undefined || typeof valueAt(config, inner) !== 'string') continue;
    const read = String(report.valueAt(path));
    const message = `${lastName(path)} cannot be ${text}: as a number it is ${read}.`;
    report.add({ path, value: text, message, expected: `text in quotes: "${text}", or "${read}"` });
  }
}

function pathWithin(base: DocumentPath, path: DocumentPath): DocumentPath | undefined {
  return base.every((part, index) => path[index] === part) ? path.slice(base.length) : undefined;
}
