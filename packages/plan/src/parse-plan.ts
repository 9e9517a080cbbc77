import type { ZodType } from 'zod';
import { checkCalendar, planTimesIn } from './check-calendar.ts';
import { checkSectionNames, checkStepNames } from './check-names.ts';
import { checkContracts, type CheckedStep } from './check-contracts.ts';
import { checkGroupShares } from './check-group-shares.ts';
import { checkNumberTexts } from './check-number-texts.ts';
import { checkOrder } from './check-order.ts';
import { checkParameterValues } from './check-parameters.ts';
import { draftPlan } from './draft.ts';
import type { Draft, DraftPart, DraftStep } from './draft.ts';
import type { DocumentPath, Finding } from './finding.ts';
import { pathText } from './finding.ts';
import type { Plan } from './model.ts';
import { buildPlan } from './build-plan.ts';
import { planDocument } from './plan-document.ts';
import type { PlanTime } from './plan-time.ts';
import { createReport, planFile, valueAt } from './report.ts';
import type { Report } from './report.ts';
import { reportIssues, reportUnknownKey } from './schema-problems.ts';
import { planTimeSchema } from './setting-schemas.ts';
import { keysAt, takesAnyKey } from './setting-keys.ts';
import { suggestion } from './suggest.ts';
import type { PlanFileTexts, StepNames, StepVocabulary, Vocabulary } from './vocabulary.ts';
import { readYaml } from './yaml-source.ts';
import type { RewrittenNumber } from './yaml-value.ts';

export interface ParsedPlan {
  /** undefined when there is an error among the findings. */
  readonly plan: Plan | undefined;
  readonly findings: readonly Finding[];
}

/**
 * Reads `plan.yaml` and checks it against its files and the known types of steps and gates. Never throws and never stops at
 * the first mistake: every problem is a finding with line, column, value and expectation.
 * @param options.today ISO date by which dates count as past.
 */
export function parsePlan(
  files: PlanFileTexts,
  vocabulary: Vocabulary,
  options: { today: string },
): ParsedPlan {
  const text = Object.hasOwn(files, planFile) ? files[planFile] : undefined;
  const source = readYaml(text ?? '');
  const report = createReport(source);
  if (text === undefined) {
    report.add({ path: [], value: '', message: 'The plan has no plan.yaml.', expected: 'a file plan.yaml' });
    return { plan: undefined, findings: report.findings() };
  }
  for (const problem of source.problems) report.add(problem);
  if (source.value === undefined) return { plan: undefined, findings: report.findings() };

  const document = planDocument.safeParse(source.value);
  if (!document.success) reportIssues(report, planDocument, document.error.issues, []);
  const draft = draftPlan(source.value);
  checkSectionNames(draft, report);
  checkOrder(draft, report);
  const settings = checkParts(draft, { files, vocabulary, report, rewritten: source.rewritten });
  checkCalendar([...timesOf(draft, report), ...settings.times], draft, options.today, report);

  const findings = report.findings();
  if (report.hasErrors() || !document.success) return { plan: undefined, findings };
  return { plan: buildPlan(document.data, settings.configs), findings };
}

interface CheckedParts {
  /** Parsed settings by the path of their step or gate. */
  readonly configs: ReadonlyMap<string, unknown>;
  readonly times: readonly { path: DocumentPath; time: PlanTime }[];
}

interface Surroundings {
  readonly files: PlanFileTexts;
  readonly vocabulary: Vocabulary;
  readonly rewritten: readonly RewrittenNumber[];
  readonly report: Report;
}

function checkParts(draft: Draft, around: Surroundings): CheckedParts {
  const { vocabulary, report } = around;
  const configs = new Map<string, unknown>();
  const times: { path: DocumentPath; time: PlanTime }[] = [];
  for (const gate of draft.gates) {
    const type = typeOf(gate, vocabulary.gates, 'gate', report);
    const config = type && checkSettings(gate, type.configSchema, around);
    if (config) configs.set(pathText(gate.path), config.value);
  }
  const checked: CheckedStep[] = [];
  for (const step of draft.phases.flatMap((phase) => phase.steps)) {
    const type = typeOf(step, vocabulary.steps, 'step', report);
    const config = type && checkSettings(step, type.configSchema, around);
    if (!config) continue;
    configs.set(pathText(step.path), config.value);
    times.push(...planTimesIn(config.value, step.path));
    const names = checkWithType(step, type, config.value, draft, around);
    if (names) checked.push({ step, type, names });
  }
  checkContracts(draft, checked, report);
  return { configs, times };
}

function typeOf<T>(
  part: DraftPart,
  types: Readonly<Record<string, T>>,
  kind: string,
  report: Report,
): T | undefined {
  if (part.type === undefined) return undefined; // Reported by the frame's schema.
  if (Object.hasOwn(types, part.type)) return types[part.type];
  const known = Object.keys(types);
  const { type } = part;
  report.add({
    path: [...part.path, 'type'],
    message: `There is no ${kind} type ${type}.`,
    expected: `one of ${known.join(', ')}`,
    hint: () => suggestion(type, known),
  });
  return undefined;
}

/** Also finds unknown keys where a type's schema would let them pass. */
function checkSettings(
  part: DraftPart,
  schema: ZodType,
  { report, rewritten }: Surroundings,
): { value: unknown } | undefined {
  const known = keysAt(schema, []);
  const unknown = takesAnyKey(schema) ? [] : Object.keys(part.settings).filter((key) => !known.includes(key));
  for (const key of unknown) reportUnknownKey(report, [...part.path, key], known);
  const settings = Object.fromEntries(
    Object.entries(part.settings).filter(([key]) => !unknown.includes(key)),
  );
  const parsed = schema.safeParse(settings);
  if (parsed.success) {
    checkNumberTexts(rewritten, part, parsed.data, report);
    return { value: parsed.data };
  }
  reportIssues(report, schema, parsed.error.issues, part.path);
  return undefined;
}

function checkWithType(
  step: DraftStep,
  type: StepVocabulary,
  config: unknown,
  draft: Draft,
  { files, report }: Surroundings,
): StepNames | undefined {
  try {
    const names = type.references(config);
    checkStepNames(draft, step, names, files, report);
    checkParameterValues(type.parameterValues?.(config) ?? [], step.path, report);
    checkGroupShares(type.groupShares?.(config) ?? [], step.path, report);
    // About a file that is missing, a lint could only say the same again.
    if (names.files.some((file) => !Object.hasOwn(files, file))) return names;
    for (const message of type.lint(config, files))
      report.add({ path: [...step.path, ...settingNamedBy(message, step)], message, expected: '' });
    return names;
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    report.add({
      path: step.path,
      message: `The step type ${step.type} cannot check this: ${reason}`,
      expected: '',
    });
    return undefined;
  }
}

/**
 * A lint that begins with the name of a setting, such as `stages[1].percentage: …`, or with a file that a setting names, is shown
 * at that setting.
 */
function settingNamedBy(message: string, step: DraftStep): DocumentPath {
  const named = /^[A-Za-z_][\w-]*(?:\[\d+\]|\.[A-Za-z_][\w-]*)*(?=[: ])/.exec(message)?.[0] ?? '';
  const path = [...named.matchAll(/\[(\d+)\]|[\w-]+/g)].map(([part, index]) =>
    index === undefined ? part : Number(index),
  );
  if (named !== '' && valueAt(step.settings, path) !== undefined) return path;
  const file = Object.entries(step.settings).find(
    ([, value]) => typeof value === 'string' && message.startsWith(`${value}:`),
  );
  return file === undefined ? [] : [file[0]];
}

function timesOf(draft: Draft, report: Report): { path: DocumentPath; time: PlanTime }[] {
  const start = draftPlanTime(report);
  const steps = draft.phases.flatMap((phase) => phase.steps);
  return [...steps, ...draft.groups]
    .flatMap(({ path, at }) => (at ? [{ path: [...path, 'at'], time: at }] : []))
    .concat(start ? [{ path: ['calendar', 'start'], time: start }] : []);
}

function draftPlanTime(report: Report): PlanTime | undefined {
  return planTimeSchema.safeParse(report.valueAt(['calendar', 'start'])).data;
}
