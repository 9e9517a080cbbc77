import type { JsonValue } from '../canonical-json.ts';
import { compileBuckets } from './buckets.ts';
import { murmurHash, murmurHashAfter } from './murmur-hash.ts';
import type { PrefixHash } from './murmur-hash.ts';

/** Not an answer: the rule met something at which only flagd-core knows what flagd does. */
export const unsure = Symbol('unsure');

type Attributes = Readonly<Record<string, unknown>>;
type Primitive = string | number | boolean | null;

/** A rule, or a part of one, compiled: what it answers for somebody with these attributes. */
export type QuickRule = (attributes: Attributes) => Primitive | typeof unsure;
type Condition = (attributes: Attributes) => boolean | typeof unsure;
type Attribute = (attributes: Attributes) => unknown;

export interface RuleScope {
  readonly flagKey: string;
  /** Who is in which segment, whatever the attribute "segments" says; undefined where that attribute is believed. */
  readonly members: ReadonlyMap<string, ReadonlySet<string>> | undefined;
}

/**
 * Compiles a targeting rule of the kind that nearly everybody writes: choices between variants by segments, attributes and
 * percentages. Undefined for a rule with anything else in it: that one is flagd-core's, as is whatever meets a value of an
 * unusual type. Where a compiled rule does answer, it answers as flagd-core does.
 */
export function compileQuickRule(rule: JsonValue, scope: RuleScope): QuickRule | undefined {
  if (typeof rule !== 'object' || rule === null) return () => rule;
  const [operator, operands] = operationOf(rule) ?? [];
  if (operands === undefined) return undefined;
  if (operator === 'var') return compileVariable(operands, scope);
  if (operator === 'if') return compileChoice(operands, scope);
  if (operator === 'cat') return compileText(operands, scope);
  if (operator === 'fractional') return compileFractional(operands, scope);
  return compileCondition(rule, scope);
}

function compileCondition(rule: JsonValue | undefined, scope: RuleScope): Condition | undefined {
  if (typeof rule === 'boolean') return () => rule;
  const [operator = '', operands] = operationOf(rule) ?? [];
  if (operands === undefined) return undefined;
  if (operator === '!') return compileNegation(operands, scope);
  if (!isList(operands)) return undefined;
  if (operator === 'and' || operator === 'or') return compileJunction(operator, operands, scope);
  if (operands.length !== 2) return undefined;
  const [left = null, right = null] = operands;
  if (operator === 'in') return compileMembership(left, right, scope);
  return compileComparison(operator, left, right, scope);
}

function operationOf(rule: JsonValue | undefined): [operator: string, operands: JsonValue] | undefined {
  if (typeof rule !== 'object' || rule === null || isList(rule)) return undefined;
  const [only, ...more] = Object.entries(rule);
  return more.length > 0 ? undefined : only;
}

function compileVariable(name: JsonValue, scope: RuleScope): QuickRule | undefined {
  const read = compileAttribute(name, scope);
  if (read === undefined) return undefined;
  return (attributes) => {
    const value = read(attributes) ?? null;
    return typeof value === 'object' || typeof value === 'function' ? whenNull(value) : (value as Primitive);
  };
}

const whenNull = (value: unknown): null | typeof unsure => (value === null ? null : unsure);

/** Only a plain name: no path, no default, nothing that every object has, and nothing that flagd itself adds. */
function compileAttribute(name: JsonValue, { members }: RuleScope): Attribute | undefined {
  if (typeof name !== 'string' || !/^[A-Za-z_][A-Za-z0-9_]*$/.test(name)) return undefined;
  if (name in Object.prototype || (name === 'segments' && members !== undefined)) return undefined;
  return (attributes) => attributes[name];
}

/** From the last branch to the first, so that each one knows what comes after it. */
function compileChoice(operands: JsonValue, scope: RuleScope): QuickRule | undefined {
  if (!isList(operands) || operands.length < 2) return undefined;
  const branches = Math.floor(operands.length / 2);
  let next = compileQuickRule(operands[branches * 2] ?? null, scope);
  for (let branch = branches - 1; branch >= 0; branch -= 1) {
    const condition = compileCondition(operands[branch * 2], scope);
    const answer = compileQuickRule(operands[branch * 2 + 1] ?? null, scope);
    if (condition === undefined || answer === undefined || next === undefined) return undefined;
    next = choose(condition, answer, next);
  }
  return next;
}

function choose(condition: Condition, answer: QuickRule, otherwise: QuickRule): QuickRule {
  return (attributes) => {
    const holds = condition(attributes);
    if (holds === unsure) return unsure;
    return holds ? answer(attributes) : otherwise(attributes);
  };
}

function compileNegation(operands: JsonValue, scope: RuleScope): Condition | undefined {
  const [operand, ...more] = isList(operands) ? operands : [operands];
  const condition = more.length > 0 ? undefined : compileCondition(operand, scope);
  if (condition === undefined) return undefined;
  return (attributes) => {
    const holds = condition(attributes);
    return holds === unsure ? unsure : !holds;
  };
}

function compileJunction(
  operator: 'and' | 'or',
  operands: readonly JsonValue[],
  scope: RuleScope,
): Condition | undefined {
  const conditions = operands.map((operand) => compileCondition(operand, scope));
  if (conditions.length === 0 || conditions.includes(undefined)) return undefined;
  const decides = operator === 'or';
  return conditions.reduceRight<Condition>(
    (next, condition) => (attributes) => {
      const holds = condition?.(attributes) ?? unsure;
      return holds === !decides ? next(attributes) : holds;
    },
    () => !decides,
  );
}

function compileMembership(item: JsonValue, list: JsonValue, scope: RuleScope): Condition | undefined {
  const [operator, name = null] = operationOf(list) ?? [];
  if (operator === 'var' && name === 'segments' && scope.members !== undefined) {
    return typeof item === 'string' ? isMember(scope.members.get(item)) : undefined;
  }
  const value = compileQuickRule(item, scope);
  if (value === undefined) return undefined;
  if (isList(list)) return list.every(isPrimitive) ? isOneOf(value, new Set(list)) : undefined;
  const read = operator === 'var' && compileAttribute(name, scope);
  if (!read) return undefined;
  return (attributes) => {
    const wanted = value(attributes);
    return wanted === unsure ? unsure : isIn(wanted, read(attributes));
  };
}

function isOneOf(value: QuickRule, list: ReadonlySet<JsonValue>): Condition {
  return (attributes) => {
    const wanted = value(attributes);
    return wanted === unsure ? unsure : list.has(wanted);
  };
}

function isMember(members: ReadonlySet<string> = new Set()): Condition {
  return ({ targetingKey }) => typeof targetingKey === 'string' && members.has(targetingKey);
}

function isIn(wanted: Primitive, list: unknown): boolean | typeof unsure {
  if (Array.isArray(list)) return list.includes(wanted);
  if (typeof list === 'string' && typeof wanted === 'string') return list !== '' && list.includes(wanted);
  return list === null || list === undefined ? false : unsure;
}

type Comparison = (left: Primitive, right: Primitive) => boolean | typeof unsure;

const onNumbers =
  (compare: (left: number, right: number) => boolean): Comparison =>
  (left, right) => {
    const isComparable = typeof left === 'number' && typeof right === 'number' && !Number.isNaN(left + right);
    return isComparable ? compare(left, right) : unsure;
  };
const onTexts =
  (compare: (left: string, right: string) => boolean): Comparison =>
  (left, right) =>
    typeof left === 'string' && typeof right === 'string' ? compare(left, right) : unsure;

const comparisons: ReadonlyMap<string, Comparison> = new Map([
  ['===', (left, right) => left === right],
  ['!==', (left, right) => left !== right],
  ['==', onTexts((left, right) => left === right)],
  ['!=', onTexts((left, right) => left !== right)],
  ['<', onNumbers((left, right) => left < right)],
  ['<=', onNumbers((left, right) => left <= right)],
  ['>', onNumbers((left, right) => left > right)],
  ['>=', onNumbers((left, right) => left >= right)],
  ['starts_with', onTexts((left, right) => left.startsWith(right))],
  ['ends_with', onTexts((left, right) => left.endsWith(right))],
]);

function compileComparison(
  operator: string,
  left: JsonValue,
  right: JsonValue,
  scope: RuleScope,
): Condition | undefined {
  const compare = comparisons.get(operator);
  const [a, b] = [compileQuickRule(left, scope), compileQuickRule(right, scope)];
  if (compare === undefined || a === undefined || b === undefined) return undefined;
  return (attributes) => {
    const x = a(attributes);
    const y = b(attributes);
    return x === unsure || y === unsure ? unsure : compare(x, y);
  };
}

function compileText(operands: JsonValue, scope: RuleScope): QuickRule | undefined {
  if (!isList(operands) || operands.length < 2) return undefined;
  const [first, ...rest] = operands.map((operand) => compileQuickRule(operand, scope));
  return rest.reduce((before, part) => before && part && join(before, part), first);
}

function join(before: QuickRule, part: QuickRule): QuickRule {
  return (attributes) => {
    const left = before(attributes);
    const right = part(attributes);
    return typeof left === 'string' && typeof right === 'string' ? left + right : unsure;
  };
}

/** Shares by the hash of a text: the first operand, or else the flag's key and the targeting key. */
function compileFractional(operands: JsonValue, scope: RuleScope): QuickRule | undefined {
  if (!isList(operands) || operands.length < 2) return undefined;
  const [first = null, ...rest] = operands;
  const ownText = isList(first) ? undefined : compileQuickRule(first, scope);
  const pick = compileBuckets(isList(first) ? operands : rest);
  if (pick === undefined || (ownText === undefined && !isList(first))) return undefined;
  const prefix = isList(first) ? scope.flagKey : prefixOf(first);
  if (prefix !== undefined) return compileShares(murmurHashAfter(prefix), pick);
  const textOf = ownText ?? (() => unsure);
  return (attributes) => {
    const text = textOf(attributes);
    const hash = typeof text === 'string' ? murmurHash(text) : -1;
    return hash === -1 ? unsure : pick(hash);
  };
}

/** The text of `{"cat": [TEXT, {"var": "targetingKey"}]}`, which nearly every share is made of. */
function prefixOf(rule: JsonValue): string | undefined {
  const [operator, operands] = operationOf(rule) ?? [];
  if (operator !== 'cat' || operands === undefined || !isList(operands) || operands.length !== 2)
    return undefined;
  const [prefix, person = null] = operands;
  const [read, name] = operationOf(person) ?? [];
  return typeof prefix === 'string' && read === 'var' && name === 'targetingKey' ? prefix : undefined;
}

function compileShares(hashOf: PrefixHash, pick: (hash: number) => Primitive): QuickRule {
  return ({ targetingKey }) => {
    if (typeof targetingKey !== 'string' || targetingKey === '') return unsure;
    const hash = hashOf(targetingKey);
    return hash === -1 ? unsure : pick(hash);
  };
}

function isPrimitive(value: JsonValue): boolean {
  return typeof value !== 'object' || value === null;
}

/** `Array.isArray` does not narrow read-only lists. */
function isList(value: JsonValue): value is readonly JsonValue[] {
  return Array.isArray(value);
}
