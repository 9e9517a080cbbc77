import { isMap, isScalar, isSeq, parseDocument } from 'yaml';

/** A value of a plan, and where it and what holds it stand in the text: offsets, end excluded. */
export interface PlanNode {
  readonly path: string;
  readonly from: number;
  readonly to: number;
  readonly around: { readonly from: number; readonly to: number };
}

/** Every value of a YAML text, the root left out. */
export function nodesOf(yaml: string): PlanNode[] {
  const nodes: PlanNode[] = [];
  const visit = (node: unknown, path: string, around: PlanNode['around']): void => {
    if (!isScalar(node) && !isMap(node) && !isSeq(node)) return;
    const [from, to] = node.range ?? [0, 0];
    if (path !== '') nodes.push({ path, from, to, around });
    if (isSeq(node))
      for (const [index, item] of node.items.entries()) visit(item, `${path}[${index}]`, { from, to });
    if (isMap(node))
      for (const { key, value } of node.items) visit(value, `${path}.${String(key)}`, { from, to });
  };
  visit(parseDocument(yaml).contents, '', { from: 0, to: yaml.length });
  return nodes;
}

/** The text with another value in the place of one, and where what holds it stands now. */
export function replaced(
  yaml: string,
  { from, to, around }: PlanNode,
  value: string,
): { yaml: string; changed: PlanNode['around'] } {
  const end = yaml.slice(from, to).endsWith('\n') ? '\n' : '';
  return {
    yaml: yaml.slice(0, from) + value + end + yaml.slice(to),
    changed: { from: around.from, to: Math.max(from, around.to - (to - from)) + value.length + end.length },
  };
}

/** Whether a finding points into a part of a text. */
export function isInside(
  yaml: string,
  { line, column }: { line: number; column: number },
  { from, to }: PlanNode['around'],
): boolean {
  const lineStart =
    yaml
      .split('\n')
      .slice(0, line - 1)
      .join('\n').length + (line > 1 ? 1 : 0);
  const offset = lineStart + column - 1;
  return offset >= from && offset <= to;
}
