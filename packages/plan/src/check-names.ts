import type { Draft, DraftStep, NameKind } from './draft.ts';
import { isMap } from './draft.ts';
import type { DocumentPath } from './finding.ts';
import type { Report } from './report.ts';
import { suggestion } from './suggest.ts';
import type { PlanFileTexts, StepNames } from './vocabulary.ts';

/** Names in the plan's own sections that nothing in the plan bears: segments of groups, guardrails, gates of criteria. */
export function checkSectionNames(draft: Draft, report: Report): void {
  for (const { path, segment } of draft.groups)
    if (segment !== undefined) checkName(report, draft, 'segments', segment, [...path, 'segment']);
  for (const [gate, path] of texts(report.valueAt(['guardrails']), ['guardrails']))
    checkName(report, draft, 'gates', gate, path);
  const success: unknown = report.valueAt(['success']);
  for (const [index, criterion] of (Array.isArray(success) ? success : []).entries()) {
    const gate: unknown = isMap(criterion) ? criterion['gate'] : undefined;
    if (typeof gate === 'string') checkName(report, draft, 'gates', gate, ['success', index, 'gate']);
  }
}

/** What a step names and the plan or its folder must contain. */
export function checkStepNames(
  draft: Draft,
  step: DraftStep,
  names: StepNames,
  files: PlanFileTexts,
  report: Report,
): void {
  const places = new Map<string, DocumentPath>();
  notePlaces(step.settings, step.path, places);
  const place = (name: string): DocumentPath => places.get(name) ?? step.path;
  for (const kind of ['gates', 'flags', 'groups', 'parameters'] as const)
    for (const name of names[kind]) checkName(report, draft, kind, name, place(name));
  for (const file of names.files) {
    if (Object.hasOwn(files, file)) continue;
    const others = Object.keys(files).filter((name) => name !== 'plan.yaml');
    report.add({
      path: place(file),
      value: file,
      message: `The file ${file} does not exist.`,
      expected: "a file in the plan's folder",
      hint: () => suggestion(file, others),
    });
  }
}

function checkName(report: Report, draft: Draft, kind: NameKind, name: string, path: DocumentPath): void {
  const known = draft.names[kind];
  if (known.includes(name)) return;
  report.add({
    path,
    value: name,
    message: `There is no ${kind.slice(0, -1)} ${name}.`,
    expected:
      known.length === 0
        ? `a ${kind.slice(0, -1)} declared under ${kind}`
        : `one of ${known.slice(0, 12).join(', ')}`,
    hint: () => suggestion(name, known),
  });
}

function texts(value: unknown, path: DocumentPath): [string, DocumentPath][] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.flatMap((item, index) => (typeof item === 'string' ? [[item, [...path, index]]] : []));
}

/** Where each text stands first inside a value, so that a finding can point at it. */
function notePlaces(value: unknown, path: DocumentPath, places: Map<string, DocumentPath>): void {
  if (typeof value === 'string' && !places.has(value)) places.set(value, path);
  if (value === null || typeof value !== 'object') return;
  for (const [key, child] of Object.entries(value))
    notePlaces(child, [...path, Array.isArray(value) ? Number(key) : key], places);
}
