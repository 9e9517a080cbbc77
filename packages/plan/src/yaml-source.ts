import { Composer, isAlias, isMap, isScalar, isSeq, LineCounter, Parser } from 'yaml';
import type { Alias, CST, Document, Node } from 'yaml';
import { documentLimits } from './document-limits.ts';
import type { DocumentPath } from './finding.ts';
import { unfitCharacter } from './text-fit.ts';
import { excessOf } from './yaml-lexemes.ts';
import { readYamlValue } from './yaml-value.ts';
import type { RewrittenNumber } from './yaml-value.ts';

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
  readonly rewritten: readonly RewrittenNumber[];
  /** Where a value stands; the nearest thing around it when it is missing. `key`: where its name stands. */
  placeOf(path: DocumentPath, what: 'value' | 'key'): Place;
}

const { largestBytes, deepest } = documentLimits;
const mostSyntaxErrors = 20;

/**
 * Reads YAML 1.2 (core schema). Never throws, whatever the text: a file that is too large, nested too deeply, or that grows
 * through aliases is a problem like any other, found in bounded time.
 */
export function readYaml(text: string): YamlSource {
  const bytes = new TextEncoder().encode(text).length;
  if (bytes > largestBytes) return unreadable(`The file has ${bytes} bytes`, `at most ${largestBytes} bytes`);
  const unfit = unfitCharacter(text);
  if (unfit) {
    const expected = 'text in UTF-8, with lines that end with LF or CRLF';
    return unreadable(`The file holds ${unfit.name}`, expected, placeIn(text, unfit.offset));
  }
  const excess = excessOf(text);
  if (excess) {
    const word = firstWord(text, excess.offset);
    return unreadable(excess.message, excess.expected, placeIn(text, excess.offset), word);
  }
  const lines = new LineCounter();
  const documents = composeDocuments(text, lines);
  const [document, second] = documents;
  const problems = documents.slice(0, 1).flatMap((first) => syntaxProblems(first, text, lines));
  if (problems.length > 0) return { value: undefined, problems, rewritten: [], placeOf: () => start };
  if (second) {
    const expected = 'one document, without a second --- line';
    return unreadable('The file holds several documents', expected, placeAt(lines, second.range[0]));
  }
  if (!document?.contents) return unreadable('The file holds no plan', 'a map with the keys of a plan');
  return readDocument(document, lines);
}

function composeDocuments(text: string, lines: LineCounter): Document.Parsed[] {
  const composer = new Composer({
    version: '1.2',
    schema: 'core',
    // Tags beyond the core schema, such as !!binary and !!timestamp, make values that no plan has a use for.
    resolveKnownTags: false,
    // The library looks for duplicate keys in quadratic time; readYamlValue does it with a set.
    uniqueKeys: false,
    logLevel: 'error',
  });
  const tokens = untilHopeless(new Parser(lines.addNewLine).parse(text));
  const documents: Document.Parsed[] = [];
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
      ...(code === 'RESOURCE_EXHAUSTION'
        ? { message: 'The lists and maps are nested too deeply.', expected: `at most ${deepest} levels` }
        : { message: `This is not valid YAML: ${message}`, expected: 'YAML 1.2' }),
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
    rewritten: read.rewritten,
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
  const { line, col: column } = lines.linePos(offset);
  return { line, column };
}

function placeIn(text: string, offset: number): Place {
  const before = text.slice(0, offset);
  return { line: before.split('\n').length, column: offset - before.lastIndexOf('\n') };
}

function unreadable(message: string, expected: string, place: Place = start, value = ''): YamlSource {
  const problem = { place, path: [], value, message: `${message}.`, expected };
  return { value: undefined, problems: [problem], rewritten: [], placeOf: () => place };
}

function firstWord(text: string, offset: number): string {
  return text.slice(offset, offset + 40).replace(/\n.*/su, '');
}
