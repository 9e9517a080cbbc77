import type { Node } from 'libpg-query';

export type FunctionCall = Extract<Node, { FuncCall: unknown }>['FuncCall'];

/** Every call of a function that a syntax tree shows, outermost first. */
export function callsIn(tree: unknown): readonly FunctionCall[] {
  if (typeof tree !== 'object' || tree === null) return [];
  const here = isCall(tree) ? [tree.FuncCall] : [];
  return [...here, ...Object.values(tree).flatMap((part: unknown) => callsIn(part))];
}

function isCall(part: object): part is { readonly FuncCall: FunctionCall } {
  return 'FuncCall' in part;
}
