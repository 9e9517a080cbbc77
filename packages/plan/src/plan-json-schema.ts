import type { ZodType } from 'zod';
import { isMap } from './draft.ts';
import { gateFrame, planDocument, stepFrame } from './plan-document.ts';
import { writtenSchema } from './setting-keys.ts';
import type { Vocabulary } from './vocabulary.ts';

type JsonSchema = Readonly<Record<string, unknown>>;

/** JSON Schema (draft 2020-12) of plan.yaml, with the settings of every known step and gate type, for editors. */
export function planJsonSchema(vocabulary: Vocabulary): object {
  const frame = asSchema(writtenSchema(planDocument));
  const properties = asSchema(frame['properties']);
  const gates = { ...asSchema(properties['gates']), additionalProperties: { $ref: '#/$defs/gate' } };
  const phases = asSchema(properties['phases']);
  const phase = asSchema(phases['items']);
  const steps = { ...asSchema(asSchema(phase['properties'])['steps']), items: { $ref: '#/$defs/step' } };
  const phaseProperties = { ...asSchema(phase['properties']), steps };
  return {
    ...frame,
    title: 'Crossfade plan',
    properties: {
      ...properties,
      gates,
      phases: { ...phases, items: { ...phase, properties: phaseProperties } },
    },
    $defs: {
      gate: { oneOf: partVariants(gateFrame, vocabulary.gates) },
      step: { oneOf: partVariants(stepFrame, vocabulary.steps) },
    },
  };
}

interface PartType {
  readonly configSchema: ZodType;
  readonly about?: string;
}

/** One variant a type, told apart by `type`: the keys of the frame and those of the type's settings, and no others. */
function partVariants(frameSchema: ZodType, types: Readonly<Record<string, PartType>>): JsonSchema[] {
  const frame = asSchema(writtenSchema(frameSchema));
  return Object.entries(types).flatMap(([type, { configSchema, about }]) =>
    objectVariants(asSchema(writtenSchema(configSchema))).map((settings) => ({
      ...(about === undefined ? {} : { description: about }),
      type: 'object',
      properties: {
        ...asSchema(frame['properties']),
        type: { const: type, description: about ?? `A ${type}.` },
        ...asSchema(settings['properties']),
      },
      required: [...asList(frame['required']), ...asList(settings['required'])],
      additionalProperties: false,
    })),
  );
}

/** Each choice with what stands beside them: one that only says which of the shared keys are required is whole then, too. */
function objectVariants({ oneOf, anyOf, ...shared }: JsonSchema): JsonSchema[] {
  const choices = [...asList(oneOf), ...asList(anyOf)].map(asSchema);
  if (choices.length === 0) return [shared];
  return choices.flatMap((choice) =>
    objectVariants({
      ...shared,
      ...choice,
      properties: { ...asSchema(shared['properties']), ...asSchema(choice['properties']) },
      required: [...asList(shared['required']), ...asList(choice['required'])],
    }),
  );
}

function asSchema(value: unknown): JsonSchema {
  return isMap(value) ? value : {};
}

function asList(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
