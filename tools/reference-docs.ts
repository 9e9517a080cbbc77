import { gateCatalog } from '@crossfade/gates';
import { planJsonSchema } from '@crossfade/plan';
import { stepCatalog } from '@crossfade/steps';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { cliReference } from '../apps/cli/src/cli-reference.ts';
import { rehearsalSchema } from '../apps/cli/src/rehearse/rehearsal-schema.ts';
import { reportSchema } from '../apps/cli/src/report/report-schema.ts';

const root = join(import.meta.dirname, '..');

/** Every page under docs/reference, by its path from the root of the repository: made from the code, never by hand. */
export function referenceDocs(): Readonly<Record<string, string>> {
  return {
    'docs/reference/plan.schema.json': json(planJsonSchema({ steps: stepCatalog, gates: gateCatalog })),
    'docs/reference/rehearsal.schema.json': json(z.toJSONSchema(rehearsalSchema, { io: 'output' })),
    'docs/reference/report.schema.json': json(z.toJSONSchema(reportSchema, { io: 'output' })),
    'docs/reference/steps-and-gates.md': stepsAndGates(),
    'docs/reference/cli.md': cliReference(),
  };
}

function json(value: unknown): string {
  return `${JSON.stringify(value, null, 2)}\n`;
}

function stepsAndGates(): string {
  const steps = Object.values(stepCatalog).map(
    ({ type, about, reversibility }) =>
      `### ${type}\n\n${about} Undo: ${reversibility.replaceAll('-', ' ')}.\n\n${example('steps', type)}`,
  );
  const gates = Object.values(gateCatalog).map(
    ({ type, about }) => `### ${type}\n\n${about}\n\n${example('gates', type)}`,
  );
  return [
    '# Step types and gate types',
    'Made from the code by `npm run docs`. Settings with their meaning and limits are in `plan.schema.json`, which editors read.',
    '## Steps',
    ...steps,
    '## Gates',
    ...gates,
    '',
  ].join('\n\n');
}

function example(room: string, type: string): string {
  const text = readFileSync(join(root, 'packages', room, 'src', type, 'example.yaml'), 'utf8');
  return `\`\`\`yaml\n${text.trim()}\n\`\`\``;
}
