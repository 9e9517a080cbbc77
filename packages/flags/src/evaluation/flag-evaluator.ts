import { DefaultLogger, ErrorCode, StandardResolutionReasons } from '@openfeature/core';
import type { EvaluationContext, FlagValueType, JsonValue, ResolutionDetails } from '@openfeature/core';
import { FlagdCore, MemoryStorage } from '@openfeature/flagd-core';
import type { JsonValue as ReadonlyJson } from '../canonical-json.ts';
import { compileQuickRule, unsure } from './quick-rule.ts';
import type { QuickRule } from './quick-rule.ts';

/** Who is in which segment: the targeting keys of each. */
export type SegmentMembers = ReadonlyMap<string, ReadonlySet<string>>;

/** An answer of whatever type; without a value where the default in the application's code is meant. */
export type FlagAnswer = Omit<ResolutionDetails<JsonValue>, 'value'> & { readonly value?: JsonValue };

/** The flags of one document, ready to be asked. */
export interface FlagEvaluator {
  readonly keys: readonly string[];
  /** Answers as flagd does, also for a flag that is disabled or not there. */
  evaluate(key: string, context: EvaluationContext): FlagAnswer;
  /** Answers as flagd does; the fallback with the reason why where there is no answer of that type. */
  resolve<T extends JsonValue>(
    type: FlagValueType,
    key: string,
    fallback: T,
    context: EvaluationContext,
  ): ResolutionDetails<T>;
}

/** A flag whose every answer is known beforehand; which of them it is, the rule tells. */
interface QuickFlag {
  readonly rule: QuickRule;
  readonly byVariant: ReadonlyMap<string, ResolutionDetails<JsonValue>>;
  /** Where the rule has no answer. */
  readonly byDefault: ResolutionDetails<JsonValue> | undefined;
}

/**
 * Reads a flagd document. What is usual in flags is compiled to functions and answered with objects made beforehand; all
 * else is left to flagd-core, whose answer it always is (flag-evaluator.property.test.ts).
 * @param members where given, they decide who is in a segment, and the attribute "segments" of a context does not.
 * @throws {Error} where flagd-core refuses the document, or one of its rules.
 */
export function createFlagEvaluator(document: string, members?: SegmentMembers): FlagEvaluator {
  const core = loadCore(document);
  const quick = new Map(quickFlags(document, core, members));
  const completed = (context: EvaluationContext): EvaluationContext =>
    members === undefined ? context : { ...context, segments: segmentsOf(members, context.targetingKey) };
  const logger = new DefaultLogger();
  const quickAnswer = (key: string, context: EvaluationContext): ResolutionDetails<JsonValue> | undefined => {
    const flag = quick.get(key);
    const answer = flag?.rule(context);
    if (flag === undefined || answer === undefined || answer === unsure) return undefined;
    if (answer === null) return flag.byDefault;
    return flag.byVariant.get(typeof answer === 'string' ? answer : String(answer));
  };
  return {
    keys: [...core.getFlags().keys()],
    evaluate(key, context) {
      const answer = quickAnswer(key, context);
      if (answer !== undefined) return answer;
      const flag = core.getFlag(key);
      if (flag === undefined) return notFound(key, core);
      if (flag.state === 'DISABLED') {
        return { reason: StandardResolutionReasons.DISABLED, flagMetadata: flag.metadata };
      }
      return flag.evaluate(completed(context), logger);
    },
    resolve<T extends JsonValue>(type: FlagValueType, key: string, fallback: T, context: EvaluationContext) {
      const answer = quickAnswer(key, context);
      // The type that was asked for is what T stands for: OpenFeature's evaluations come with one of each.
      if (answer !== undefined && typeof answer.value === type) return answer as ResolutionDetails<T>;
      return core.resolve(type, key, fallback, completed(context)) as ResolutionDetails<T>;
    },
  };
}

function notFound(key: string, core: FlagdCore): FlagAnswer {
  return {
    reason: StandardResolutionReasons.ERROR,
    errorCode: ErrorCode.FLAG_NOT_FOUND,
    errorMessage: `flag '${key}' not found`,
    flagMetadata: core.getFlagSetMetadata(),
  };
}

/** The segments that somebody is in, in the order of the map. */
export function segmentsOf(members: SegmentMembers, targetingKey: string | undefined): string[] {
  if (targetingKey === undefined) return [];
  return [...members].filter(([, keys]) => keys.has(targetingKey)).map(([name]) => name);
}

function loadCore(document: string): FlagdCore {
  // flagd-core only warns about a rule that it cannot compile, and then answers with the code default.
  const warnings: string[] = [];
  const warn = (...words: unknown[]): void => void warnings.push(words.join(' '));
  const silent = (): void => undefined;
  const storage = new MemoryStorage({ error: warn, warn, info: silent, debug: silent });
  try {
    storage.setConfigurations(document, true);
  } catch (error) {
    throw new Error(`expected a flagd document: ${firstLines(error)}`, { cause: error });
  }
  if (warnings.length > 0) throw new Error(`expected rules that flagd knows: ${warnings.join('; ')}`);
  return new FlagdCore(storage, new DefaultLogger());
}

/** flagd-core's message holds every violation of its schema, page after page. */
function firstLines(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).replaceAll(/\s+/g, ' ').slice(0, 400);
}

function* quickFlags(
  document: string,
  core: FlagdCore,
  members: SegmentMembers | undefined,
): Generator<[string, QuickFlag]> {
  const { flags } = JSON.parse(document) as {
    readonly flags: Readonly<Record<string, { readonly targeting?: ReadonlyJson }>>;
  };
  for (const [key, { targeting }] of Object.entries(flags)) {
    const flag = core.getFlag(key);
    if (flag === undefined || flag.state === 'DISABLED') continue;
    const { variants, defaultVariant, metadata: flagMetadata } = flag;
    const isStatic = Object.keys(targeting ?? {}).length === 0;
    const rule = isStatic ? () => null : compileQuickRule(targeting ?? null, { flagKey: key, members });
    if (rule === undefined) continue;
    const answer = (variant: string, reason: string): [string, ResolutionDetails<JsonValue>][] => {
      const value = variants.get(variant);
      return value === undefined ? [] : [[variant, Object.freeze({ value, reason, variant, flagMetadata })]];
    };
    const { STATIC, DEFAULT, TARGETING_MATCH } = StandardResolutionReasons;
    const [byDefault] =
      defaultVariant === undefined ? [] : answer(defaultVariant, isStatic ? STATIC : DEFAULT);
    const byVariant = new Map([...variants.keys()].flatMap((variant) => answer(variant, TARGETING_MATCH)));
    yield [key, { rule, byVariant, byDefault: byDefault?.[1] }];
  }
}
