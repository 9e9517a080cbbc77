import { canonicalJson } from './canonical-json.ts';
import type { JsonValue } from './canonical-json.ts';
import { FlagPlanError, problemsOf } from './flag-plan.ts';
import type { FlagExposure, FlagParameter, FlagPlan } from './flag-plan.ts';
import { sha256Hex } from './sha256.ts';
import { sharesOf, targetingOf } from './targeting.ts';

export interface CompiledFlags {
  /** flagd JSON, canonical: plans that mean the same give the same text. */
  readonly document: string;
  /** SHA-256 of the document's UTF-8 bytes, hex. */
  readonly digest: string;
}

/**
 * Compiles what a plan's flags say into the document that flagd, OFREP and our provider evaluate.
 * @throws {FlagPlanError} with every reason why this plan would not do what it says.
 */
export function compileFlagDocument(plan: FlagPlan): CompiledFlags {
  const problems = problemsOf(plan);
  if (problems.length > 0) throw new FlagPlanError(problems);
  const flags: [string, JsonValue][] = [
    ...plan.flags.map((flag): [string, JsonValue] => [flag.key, compileFlag(plan.seed, flag)]),
    ...plan.parameters.map((parameter): [string, JsonValue] => [parameter.key, compileParameter(parameter)]),
  ];
  const document = canonicalJson({ flags: Object.fromEntries(flags) });
  return { document, digest: sha256Hex(document) };
}

/** Always ENABLED: a DISABLED flag would leave the answer to the default that stands in each application's code. */
function compileFlag(planSeed: string, exposure: FlagExposure): JsonValue {
  const { killed, audiences, overrides, seed = planSeed } = exposure;
  const shares = killed ? [] : sharesOf(audiences);
  const targeting = targetingOf(seed, shares, overrides);
  const holdsBack = shares.some(({ holdBack }) => holdBack > 0);
  const variants = { on: true, off: false, ...(holdsBack && { control: false }) };
  const flag = { state: 'ENABLED', variants, defaultVariant: 'off' };
  return targeting === undefined ? flag : { ...flag, targeting };
}

function compileParameter({ value }: FlagParameter): JsonValue {
  return { state: 'ENABLED', variants: { value }, defaultVariant: 'value' };
}
