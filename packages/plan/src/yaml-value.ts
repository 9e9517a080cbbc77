import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Alias, Node, Pair, Scalar, YAMLMap } from 'yaml';
import { documentLimits } from './document-limits.ts';
import { valueText } from './finding.ts';
import type { DocumentPath } from './finding.ts';
import { unfitCharacter } from './text-fit.ts';

const { mostValues, mostAliases, deepest, longestKey } = documentLimits;

interface ValueProblem {
  readonly node: Node | null;
  readonly path: DocumentPath;
  readonly value: string;
  readonly message: string;
  readonly expected: string;
}

export interface ReadValue {
  /** undefined when the document passes a limit: what could be said of the rest would be only a consequence of that. */
  readonly value: unknown;
  readonly problems: readonly ValueProblem[];
  /** What each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
  /** Numbers that would be written otherwise than they are, such as 1.10 and 0x1f. */
  readonly rewritten: readonly RewrittenNumber[];
}

export interface RewrittenNumber {
  readonly path: DocumentPath;
  /** As it stands in the file. */
  readonly text: string;
}

/**
 * Turns YAML nodes into plain data: maps with text keys, lists, text, numbers, true, false, null. Aliases are followed, but
 * what they add up to counts: a document that grows beyond 20,000 values is reported, and not read any further.
 */
export function readYamlValue(root: unknown): ReadValue {
  const problems: ValueProblem[] = [];
  const targets = new Map<Alias, Node>();
  const anchors = new Map<string, Node>();
  const rewritten: RewrittenNumber[] = [];
  let values = 0;
  let aliases = 0;
  let full = false;

  const report = (
    node: Node | null,
    path: DocumentPath,
    message: string,
    expected: string,
    value = '',
  ): undefined => {
    problems.push({ node, path, value, message, expected });
    return undefined;
  };

  const giveUp: typeof report = (...problem) => {
    full = true;
    return report(...problem);
  };

  const read = (node: unknown, path: DocumentPath): unknown => {
    if (full) return undefined;
    values += 1;
    if (values > mostValues) {
      const how = aliases > 0 ? 'grows too large when its aliases are followed' : 'is too large';
      return giveUp(asNode(node), path, `The document ${how}.`, `at most ${mostValues} values`);
    }
    if (path.length > deepest)
      return giveUp(asNode(node), path, 'The document is nested too deeply.', `at most ${deepest} levels`);
    if (isAlias(node)) return readAlias(node, path);
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null;
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isMap(node)) return readMap(node, path);
    if (isSeq(node)) return node.items.map((item, index) => read(item, [...path, index]));
    return readScalar(node, path);
  };

  const readAlias = (alias: Alias, path: DocumentPath): unknown => {
    aliases += 1;
    if (aliases > mostAliases)
      return giveUp(alias, path, 'Too many aliases.', `at most ${mostAliases} aliases`, `*${alias.source}`);
    const target = anchors.get(alias.source);
    if (!target)
      return report(alias, path, 'This alias has no anchor before it.', 'an anchor', `*${alias.source}`);
    targets.set(alias, target);
    return read(target, path);
  };

  const readMap = (map: YAMLMap, path: DocumentPath): Record<string, unknown> => {
    const entries = new Map<string, unknown>();
    for (const pair of map.items) {
      const key = readKey(pair, path);
      if (key === undefined) continue;
      if (entries.has(key))
        report(
          asNode(pair.key),
          [...path, key],
          `The key ${key} stands here a second time.`,
          'each key once',
          key,
        );
      entries.set(key, read(pair.value, [...path, key]));
    }
    // Defines own properties, also for a key such as __proto__.
    return Object.fromEntries(entries);
  };

  const readKey = (pair: Pair, path: DocumentPath): string | undefined => {
    const node = asNode(pair.key);
    const word = isScalar(pair.key) ? pair.key.value : undefined;
    if (word === '<<')
      return report(node, path, 'Merge keys belong to YAML 1.1.', 'YAML 1.2: each key written out', '<<');
    if (!['string', 'number', 'boolean'].includes(typeof word) || word === '__proto__')
      return report(node, path, 'This key is not a word.', 'a word as key', keyText(word));
    const key = String(word);
    if (key.length > longestKey) {
      const message = `This key has ${key.length} characters.`;
      return report(node, path, message, `at most ${longestKey} characters`, keyText(key));
    }
    const unfit = unfitCharacter(key);
    if (unfit === undefined) return key;
    return report(node, path, `A key cannot hold ${unfit.name}.`, expectedText, keyText(key));
  };

  const readScalar = (node: Scalar, path: DocumentPath): unknown => {
    const { value } = node;
    if (typeof value === 'number') return readNumber(node, value, path);
    if (typeof value === 'string') {
      const unfit = unfitCharacter(value);
      if (unfit === undefined) return value;
      return report(node, path, `A text cannot hold ${unfit.name}.`, expectedText, valueText(value));
    }
    if (value === null || typeof value === 'boolean') return value;
    return report(node, path, `${valueText(value)} cannot be used here.`, expectedValue, valueText(value));
  };

  const readNumber = (node: Scalar, value: number, path: DocumentPath): unknown => {
    const text = node.source ?? String(value);
    if (!Number.isFinite(value))
      return report(node, path, `${valueText(value)} cannot be used here.`, expectedValue, valueText(value));
    if (Number.isInteger(value) && !Number.isSafeInteger(value))
      report(node, path, `${text} cannot be held exactly as a number.`, expectedInteger, text);
    else if (text !== String(value)) rewritten.push({ path, text });
    return value;
  };

  const value = read(root, []);
  return { value: full ? undefined : value, problems, targets, rewritten };
}

const expectedText = 'text without control characters, unpaired surrogates and marks of direction';
const expectedInteger = `a whole number of at most ${Number.MAX_SAFE_INTEGER}, or text in quotes`;
const expectedValue = 'text, a number, true, false or null';

function keyText(word: unknown): string {
  return word === undefined ? '' : valueText(word);
}

function asNode(node: unknown): Node | null {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node : null;
}
