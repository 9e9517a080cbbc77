import { z } from 'zod';
import type { ZodType } from 'zod';
import { isMap } from './draft.ts';
import type { DocumentPath } from './finding.ts';

const known = new WeakMap<ZodType, unknown>();

/** What may be written for a schema, as JSON Schema; `{}` where it cannot be said. */
export function writtenSchema(schema: ZodType): unknown {
  const cached = known.get(schema);
  if (cached !== undefined) return cached;
  const written: unknown = z.toJSONSchema(schema, { io: 'input', unrepresentable: 'any' });
  known.set(schema, written);
  return written;
}

/** The keys that a schema knows at a place of its value, over all variants of unions. */
export function keysAt(schema: ZodType, path: DocumentPath): readonly string[] {
  let nodes = variants(writtenSchema(schema));
  for (const part of path) nodes = nodes.flatMap((node) => variants(childOf(node, part)));
  return [
    ...new Set(nodes.flatMap((node) => Object.keys(isMap(node['properties']) ? node['properties'] : {}))),
  ];
}

/** Whether a schema says itself that it takes any other keys. */
export function takesAnyKey(schema: ZodType): boolean {
  return variants(writtenSchema(schema)).some(({ additionalProperties }) => isMap(additionalProperties));
}

function childOf(node: Record<string, unknown>, part: string | number): unknown {
  if (typeof part === 'number') return node['items'];
  const properties = node['properties'];
  return isMap(properties) && Object.hasOwn(properties, part)
    ? properties[part]
    : node['additionalProperties'];
}

/** A JSON Schema and everything that it is made of by anyOf, oneOf and allOf. */
function variants(node: unknown): Record<string, unknown>[] {
  if (!isMap(node)) return [];
  const parts = [node['anyOf'], node['oneOf'], node['allOf']].flatMap((list) =>
    Array.isArray(list) ? list : [],
  );
  return [node, ...parts.flatMap((part: unknown) => variants(part))];
}
