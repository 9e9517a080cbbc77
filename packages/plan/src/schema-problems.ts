import type { z, ZodType } from 'zod';
import { lastName, valueText } from './finding.ts';
import type { DocumentPath, PathPart } from './finding.ts';
import type { Report } from './report.ts';
import { keysAt } from './setting-keys.ts';
import { suggestion } from './suggest.ts';

type Issue = z.core.$ZodIssue;

/** Reports what a schema has against a value that stands at `base` in the document. */
export function reportIssues(
  report: Report,
  schema: ZodType,
  issues: readonly Issue[],
  base: DocumentPath,
): void {
  for (const issue of issues) reportIssue(report, schema, issue, base);
}

function reportIssue(report: Report, schema: ZodType, issue: Issue, base: DocumentPath): void {
  const inner = pathParts(issue.path);
  const path = [...base, ...inner];
  if (issue.code === 'unrecognized_keys') {
    const known = keysAt(schema, inner);
    for (const key of issue.keys) reportUnknownKey(report, [...path, key], known);
    return;
  }
  if (issue.code === 'invalid_key') {
    const expected = issue.issues.map((cause) => expectation(cause)).join('; ');
    const name = valueText(path.at(-1));
    report.add({ path, message: `${name} cannot be a name here.`, expected, atKey: true, value: name });
    return;
  }
  const branch = issue.code === 'invalid_union' ? innermostBranch(issue.errors) : undefined;
  if (branch)
    return reportIssues(
      report,
      schema,
      branch.map((cause) => ({ ...cause, path: [...issue.path, ...cause.path] })),
      base,
    );
  const value = report.valueAt(path);
  const given = typeof value === 'string' ? value : undefined;
  const choices = choicesOf(issue);
  report.add({
    path,
    message: messageFor(issue, path, value),
    expected: expectation(issue),
    hint: given === undefined ? undefined : () => suggestion(given, choices),
  });
}

export function reportUnknownKey(report: Report, path: DocumentPath, known: readonly string[]): void {
  const key = String(path.at(-1));
  report.add({
    path,
    message: `The key ${key} is not known here.`,
    expected: known.length === 0 ? 'no keys' : `one of ${known.join(', ')}`,
    atKey: true,
    hint: () => suggestion(key, known),
  });
}

function messageFor(issue: Issue, path: DocumentPath, value: unknown): string {
  if (issue.code === 'custom' && !isExpectation(issue.message)) return issue.message;
  const name = lastName(path);
  return value === undefined ? `${name} is missing.` : `${name} cannot be ${valueText(value)}.`;
}

function isExpectation(message: string): boolean {
  return message.startsWith('expected ');
}

/** What would have been right, as the end of the sentence "expected …". */
function expectation(issue: Issue): string {
  if (isExpectation(issue.message)) return issue.message.slice('expected '.length);
  switch (issue.code) {
    case 'invalid_type':
      return typeWords[issue.expected] ?? issue.expected;
    case 'too_small':
      return `at least ${issue.minimum}${unitOf(issue.origin, issue.minimum)}`;
    case 'too_big':
      return `at most ${issue.maximum}${unitOf(issue.origin, issue.maximum)}`;
    case 'invalid_value':
      return issue.values.length === 1 ? valueText(issue.values[0]) : `one of ${issue.values.join(', ')}`;
    case 'invalid_format':
      return issue.format === 'regex' ? `text like ${issue.pattern ?? 'its pattern'}` : issue.format;
    case 'not_multiple_of':
      return `a multiple of ${issue.divisor}`;
    case 'invalid_union':
      return unionExpectation(issue);
    default:
      return '';
  }
}

function choicesOf(issue: Issue): readonly string[] {
  if (issue.code === 'invalid_value') return issue.values.map(String);
  if (issue.code === 'invalid_union' && 'options' in issue) return (issue.options ?? []).map(String);
  return [];
}

function unionExpectation(issue: z.core.$ZodIssueInvalidUnion): string {
  const options = choicesOf(issue);
  if (options.length > 0) return `one of ${options.join(', ')}`;
  const choices = issue.errors.flatMap((branch) => branch.slice(0, 1).map((cause) => expectation(cause)));
  return (
    [...new Set(choices)].filter((text) => text !== '').join(' or ') ||
    'one of the kinds that the reference lists'
  );
}

/** The variant that was meant, when one was understood further than the others. */
function innermostBranch(branches: readonly (readonly Issue[])[]): readonly Issue[] | undefined {
  const understood = branches.filter((branch) => branch.every((cause) => cause.path.length > 0));
  return understood.toSorted((a, b) => a.length - b.length)[0];
}

function pathParts(path: readonly PropertyKey[]): PathPart[] {
  return path.map((part) => (typeof part === 'number' ? part : String(part)));
}

function unitOf(origin: string, count: number | bigint): string {
  const unit = { string: ' character', array: ' item' }[origin];
  if (unit === undefined) return '';
  return Number(count) === 1 ? unit : `${unit}s`;
}

const typeWords: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'a map',
  record: 'a map',
  array: 'a list',
};
