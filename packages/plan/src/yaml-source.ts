import { Composer, isAlias, isMap, isScalar, isSeq, LineCounter, Parser } from 'yaml';
import type { Alias, CST, Document, Node } from 'yaml';
import type { DocumentPath } from './finding.ts';
import { readYamlValue } from './yaml-value.ts';

export interface Place {
  readonly line: number;
  readonly column: number;
}

interface YamlProblem {
  readonly place: Place;
  readonly path: DocumentPath;
  readonly value: string;
  readonly message: string;
  readonly expected: string;
}

/** A YAML file as plain data, which still knows where each value was written. */
export interface YamlSource {
  /** undefined when the text is not readable as YAML at all. */
  readonly value: unknown;
  readonly problems: readonly YamlProblem[];
  /** Where a value stands; the nearest thing around it when it is missing. `key`: where its name stands. */
  placeOf(path: DocumentPath, what: 'value' | 'key'): Place;
}

const largestBytes = 1_000_000;
const mostSyntaxErrors = 20;

/**
 * Reads YAML 1.2 (core schema). Never throws, whatever the text: a file that is too large, nested too deeply, or that grows
 * through aliases is a problem like any other, found in bounded time.
 */
export function readYaml(text: string): YamlSource {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > largestBytes) return unreadable(`The file has ${bytes} bytes`, `at most ${largestBytes} bytes`);
  const lines = new LineCounter();
  const [document, second] = composeDocuments(text, lines);
  if (!document) return unreadable('The file is empty', 'a plan');
  if (second)
    return unreadable('The file holds several documents', 'one document, without a second --- line');
  const syntax = syntaxProblems(document, text, lines);
  if (syntax.length > 0)
    return { value: undefined, problems: syntax, placeOf: () => syntax[0]?.place ?? start };
  return readDocument(document, lines);
}

function composeDocuments(text: string, lines: LineCounter): Document[] {
  // The library looks for duplicate keys in quadratic time; readYamlValue does it with a set.
  const composer = new Composer({ version: '1.2', schema: 'core', uniqueKeys: false, logLevel: 'error' });
  const tokens = untilHopeless(new Parser(lines.addNewLine).parse(text));
  const documents: Document[] = [];
  for (const document of composer.compose(tokens, true, text.length)) {
    documents.push(document);
    if (documents.length === 2) break;
  }
  return documents;
}

/** Every error of the library costs time and memory: after a few, the rest of the text is not looked at. */
function* untilHopeless(tokens: Iterable<CST.Token>): Generator<CST.Token> {
  let errors = 0;
  for (const token of tokens) {
    yield token;
    if (token.type === 'error') errors += 1;
    if (errors === mostSyntaxErrors) return;
  }
}

function syntaxProblems(document: Document, text: string, lines: LineCounter): YamlProblem[] {
  return [...document.errors, ...document.warnings]
    .slice(0, mostSyntaxErrors)
    .map(({ code, message, pos }) => ({
      place: placeAt(lines, pos[0]),
      path: [],
      value: firstWord(text, pos[0]),
      message:
        code === 'RESOURCE_EXHAUSTION'
          ? 'The lists and maps are nested too deeply.'
          : `This is not valid YAML: ${message}`,
      expected: 'YAML 1.2',
    }));
}

function readDocument(document: Document, lines: LineCounter): YamlSource {
  const read = readYamlValue(document.contents);
  const problems = read.problems.map(({ node, ...rest }) => ({
    ...rest,
    place: placeAt(lines, node?.range?.[0]),
  }));
  return {
    value: read.value,
    problems,
    placeOf: (path, what) => placeAt(lines, offsetOf(document.contents, read.targets, path, what)),
  };
}

function offsetOf(
  root: unknown,
  targets: ReadonlyMap<Alias, Node>,
  path: DocumentPath,
  what: 'value' | 'key',
): number | undefined {
  let node: unknown = root;
  let offset = startOf(root);
  for (const [index, part] of path.entries()) {
    if (isAlias(node)) node = targets.get(node);
    if (isSeq(node) && typeof part === 'number') node = node.items[part];
    else if (isMap(node)) {
      const pair = node.items.findLast(
        (item) => isScalar(item.key) && String(item.key.value) === String(part),
      );
      if (!pair) return offset;
      if (index === path.length - 1 && what === 'key') return startOf(pair.key) ?? offset;
      node = pair.value ?? pair.key;
    } else return offset;
    offset = startOf(node) ?? offset;
  }
  return offset;
}

function startOf(node: unknown): number | undefined {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node.range?.[0] : undefined;
}

const start: Place = { line: 1, column: 1 };

function placeAt(lines: LineCounter, offset: number | undefined): Place {
  if (offset === undefined) return start;
  const { line, col } = lines.linePos(offset);
  return line < 1 ? start : { line, column: Math.max(1, col) };
}

function unreadable(message: string, expected: string): YamlSource {
  const problem = { place: start, path: [], value: '', message: `${message}.`, expected };
  return { value: undefined, problems: [problem], placeOf: () => start };
}

function firstWord(text: string, offset: number): string {
  return /^[^\n]{0,40}/.exec(text.slice(offset, offset + 40))?.[0] ?? '';
}
