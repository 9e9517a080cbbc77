import { isAlias, isMap, isScalar, isSeq } from 'yaml';
import type { Alias, Node, Pair, YAMLMap } from 'yaml';
import { valueText } from './finding.ts';
import type { DocumentPath } from './finding.ts';

const mostValues = 20_000;
const mostAliases = 64;
const deepest = 60;

interface ValueProblem {
  readonly node: Node | null;
  readonly path: DocumentPath;
  readonly value: string;
  readonly message: string;
  readonly expected: string;
}

export interface ReadValue {
  readonly value: unknown;
  readonly problems: readonly ValueProblem[];
  /** What each alias stands for. */
  readonly targets: ReadonlyMap<Alias, Node>;
}

/**
 * Turns YAML nodes into plain data: maps with text keys, lists, text, numbers, true, false, null. Aliases are followed, but
 * what they add up to counts: a document that grows beyond 20,000 values is cut off there and reported.
 */
export function readYamlValue(root: unknown): ReadValue {
  const problems: ValueProblem[] = [];
  const targets = new Map<Alias, Node>();
  const anchors = new Map<string, Node>();
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

  const read = (node: unknown, path: DocumentPath): unknown => {
    if (full) return undefined;
    values += 1;
    if (values > mostValues || path.length > deepest) {
      full = true;
      const what =
        values > mostValues ? 'grows too large when its aliases are followed' : 'is nested too deeply';
      return report(
        asNode(node),
        path,
        `The document ${what}.`,
        `at most ${mostValues} values, ${deepest} levels`,
      );
    }
    if (isAlias(node)) return readAlias(node, path);
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return null;
    if (node.anchor !== undefined) anchors.set(node.anchor, node);
    if (isMap(node)) return readMap(node, path);
    if (isSeq(node)) return node.items.map((item, index) => read(item, [...path, index]));
    return readScalar(node, path);
  };

  const readAlias = (alias: Alias, path: DocumentPath): unknown => {
    aliases += 1;
    if (aliases > mostAliases) {
      full = true;
      return report(alias, path, 'Too many aliases.', `at most ${mostAliases} aliases`, `*${alias.source}`);
    }
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
    const word = isScalar(pair.key) ? pair.key.value : undefined;
    if (['string', 'number', 'boolean'].includes(typeof word) && word !== '__proto__') return String(word);
    return report(asNode(pair.key), path, 'This key is not a word.', 'a word as key');
  };

  const readScalar = (node: Node & { value: unknown }, path: DocumentPath): unknown => {
    const { value } = node;
    if (value === null || typeof value === 'string' || typeof value === 'boolean') return value;
    if (typeof value === 'number' && Number.isFinite(value)) return value;
    return report(
      node,
      path,
      `${valueText(value)} cannot be used here.`,
      'text, a number, true, false or null',
    );
  };

  return { value: read(root, []), problems, targets };
}

function asNode(node: unknown): Node | null {
  return isScalar(node) || isMap(node) || isSeq(node) || isAlias(node) ? node : null;
}
