import type { DocumentPath } from './finding.ts';
import type { PlanTime } from './plan-time.ts';
import { planTimeSchema } from './setting-schemas.ts';

/**
 * What can be made out of a plan even where parts of it are wrong, so that one mistake does not hide the others.
 */
export interface Draft {
  readonly names: Readonly<Record<NameKind, readonly string[]>>;
  readonly weeks: number | undefined;
  readonly phases: readonly DraftPhase[];
  readonly gates: readonly DraftPart[];
  readonly groups: readonly { path: DocumentPath; segment: string | undefined; at: PlanTime | undefined }[];
}

export type NameKind = 'segments' | 'groups' | 'flags' | 'parameters' | 'gates';

export interface DraftPhase {
  readonly path: DocumentPath;
  readonly id: string | undefined;
  readonly steps: readonly DraftStep[];
}

/** A step or gate: `settings` is what stands beside the keys of its frame. */
export interface DraftPart {
  readonly path: DocumentPath;
  readonly type: string | undefined;
  readonly settings: Readonly<Record<string, unknown>>;
}

export interface DraftStep extends DraftPart {
  readonly id: string | undefined;
  readonly at: PlanTime | undefined;
  readonly after: readonly { name: string; path: DocumentPath }[];
}

const stepFrameKeys = ['id', 'type', 'title', 'description', 'at', 'after', 'notice'];
const gateFrameKeys = ['type', 'title'];

export function draftPlan(root: unknown): Draft {
  const raw = asMap(root);
  const weeks = asMap(raw['calendar'])['weeks'];
  return {
    names: {
      segments: Object.keys(asMap(raw['segments'])),
      groups: Object.keys(asMap(raw['groups'])),
      flags: Object.keys(asMap(raw['flags'])),
      parameters: Object.keys(asMap(raw['parameters'])),
      gates: Object.keys(asMap(raw['gates'])),
    },
    weeks: typeof weeks === 'number' ? weeks : undefined,
    phases: maps(raw['phases'], ['phases']).map(([phase, path]) => ({
      path,
      id: asText(phase['id']),
      steps: maps(phase['steps'], [...path, 'steps']).map(([step, stepPath]) => draftStep(step, stepPath)),
    })),
    gates: Object.entries(asMap(raw['gates'])).flatMap(([id, gate]) =>
      isMap(gate) ? [draftPart(gate, ['gates', id], gateFrameKeys)] : [],
    ),
    groups: Object.entries(asMap(raw['groups'])).map(([id, group]) => ({
      path: ['groups', id],
      segment: asText(asMap(group)['segment']),
      at: asPlanTime(asMap(group)['at']),
    })),
  };
}

function draftStep(step: Readonly<Record<string, unknown>>, path: DocumentPath): DraftStep {
  const after = Array.isArray(step['after']) ? step['after'] : [];
  return {
    ...draftPart(step, path, stepFrameKeys),
    id: asText(step['id']),
    at: asPlanTime(step['at']),
    after: after.flatMap((name: unknown, index) =>
      typeof name === 'string' ? [{ name, path: [...path, 'after', index] }] : [],
    ),
  };
}

function draftPart(
  part: Readonly<Record<string, unknown>>,
  path: DocumentPath,
  frameKeys: readonly string[],
): DraftPart {
  const settings = Object.fromEntries(Object.entries(part).filter(([key]) => !frameKeys.includes(key)));
  return { path, type: asText(part['type']), settings };
}

export function isMap(value: unknown): value is Readonly<Record<string, unknown>> {
  return value !== null && typeof value === 'object' && !Array.isArray(value);
}

function asMap(value: unknown): Readonly<Record<string, unknown>> {
  return isMap(value) ? value : {};
}

function asText(value: unknown): string | undefined {
  return typeof value === 'string' ? value : undefined;
}

function asPlanTime(value: unknown): PlanTime | undefined {
  return planTimeSchema.safeParse(value).data;
}

function maps(value: unknown, path: DocumentPath): [Readonly<Record<string, unknown>>, DocumentPath][] {
  const list: readonly unknown[] = Array.isArray(value) ? value : [];
  return list.flatMap((item, index) => (isMap(item) ? [[item, [...path, index]]] : []));
}
