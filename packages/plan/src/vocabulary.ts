import type { ZodType } from 'zod';

/** A plan's files by their path relative to the plan's folder; `plan.yaml` is always there. */
export type PlanFileTexts = Readonly<Record<string, string>>;

/** The step and gate types that a plan may use. The catalogs of `steps` and `gates` fit as they are. */
export interface Vocabulary {
  readonly steps: Readonly<Record<string, StepVocabulary>>;
  readonly gates: Readonly<Record<string, GateVocabulary>>;
}

export interface StepVocabulary {
  /** Of what stands beside id, type, title, description, at and after. */
  readonly configSchema: ZodType;
  readonly reversibility: 'reversible' | 'nothing-to-undo' | 'contract';
  /** One paragraph for the reference page. */
  readonly about?: string;
  references(config: unknown): StepNames;
  /** Problems that only the files and the settings together show. */
  lint(config: unknown, files: PlanFileTexts): readonly string[];
  /** What the step gives to parameters of the plan, if it does: it must lie between their minimum and maximum. */
  parameterValues?(config: unknown): readonly ParameterValue[];
  /** Shares of a group that the step sets itself, if it does: who is held back must find room beside them. */
  groupShares?(config: unknown): readonly GroupShare[];
}

export interface GroupShare {
  /** Where the share stands among the step's settings: ["stages", 0, "percentage"]. */
  readonly setting: readonly (string | number)[];
  readonly group: string;
  readonly percentage: number;
}

export interface ParameterValue {
  /** The setting that holds the value. */
  readonly setting: string;
  readonly parameter: string;
  readonly value: number;
}

/** What a step names and the plan must contain. */
export interface StepNames {
  readonly files: readonly string[];
  readonly gates: readonly string[];
  readonly flags: readonly string[];
  readonly groups: readonly string[];
  readonly parameters: readonly string[];
  /** Steps that must be done before, and of what type they must be. */
  readonly steps?: readonly { readonly id: string; readonly type: string }[];
}

export interface GateVocabulary {
  /** Of what stands beside type and title. */
  readonly configSchema: ZodType;
  readonly about?: string;
}
