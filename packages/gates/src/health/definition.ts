import type { EndpointAnswer, GateType, Json, MeasureWindow, Verdict } from '@crossfade/engine';
import { z } from 'zod';
import { healthConfigSchema, type HealthConfig } from './config.ts';

const bodySchema = z.object({ checks: z.record(z.string(), z.object({ ok: z.boolean() })) });

const measurementSchema = z.array(
  z.object({
    url: z.string(),
    condition: z.enum(['well', 'unwell', 'silent', 'unknown']),
    reason: z.string(),
    tookMs: z.number(),
  }),
);
type Process = z.output<typeof measurementSchema>[number];

export const healthGate: GateType<HealthConfig> = {
  type: 'health',
  about:
    'Asks each process of the application how it is, at the moment of measuring, and looks at the parts of its answer that ' +
    'the plan names. A process that does not answer is not called well, and not ill either.',
  configSchema: healthConfigSchema,
  describe: ({ path, checks, require }) =>
    `${require === 'all' ? 'Every process' : 'At least one process'} answers ${path} with 200` +
    `${checks.length > 0 ? ` and ${checks.join(', ')} well` : ''}.`,
  windowMs: () => 0,
  measure: async ({ path, timeout, checks }, _window, metrics) =>
    (await metrics.ask(path, timeout)).map((answer): Json => ({ ...judgeAnswer(answer, checks) })),
  assess: assessHealth,
};

function judgeAnswer(answer: EndpointAnswer, checks: readonly string[]): Process {
  const { url, status, tookMs } = answer;
  if (status === null) return { url, condition: 'silent', reason: answer.error ?? 'no answer', tookMs };
  const body = bodySchema.safeParse(answer.body);
  const parts = new Map(body.success ? Object.entries(body.data.checks) : []);
  const ill = checks.filter((name) => parts.get(name)?.ok === false);
  if (ill.length > 0) return { url, condition: 'unwell', reason: `${ill.join(', ')} not well`, tookMs };
  if (status !== 200) return { url, condition: 'unwell', reason: `answered ${status}`, tookMs };
  const missing = checks.filter((name) => !parts.has(name));
  if (missing.length > 0) {
    return {
      url,
      condition: 'unknown',
      reason: `its answer says nothing about ${missing.join(', ')}`,
      tookMs,
    };
  }
  return { url, condition: 'well', reason: '', tookMs };
}

function assessHealth(config: HealthConfig, measured: Json, window: MeasureWindow): Verdict {
  const processes = measurementSchema.parse(measured);
  const well = processes.filter(({ condition }) => condition === 'well').length;
  const needed = config.require === 'all' ? processes.length : 1;
  const evidence = `${well} of ${processes.length} processes well at ${config.path}, ${needed} needed${troubles(processes)}`;
  const verdict = { value: well, limit: needed, samples: processes.length, evidence, ...window };
  const any = (condition: Process['condition']): boolean =>
    processes.some((process) => process.condition === condition);
  if (processes.length === 0) {
    return { ...verdict, status: 'inconclusive', evidence: 'no process of the application is known' };
  }
  if (well >= needed) return { ...verdict, status: 'pass' };
  if (any('unwell')) return { ...verdict, status: 'fail' };
  return { ...verdict, status: any('unknown') ? 'invalid' : 'inconclusive' };
}

function troubles(processes: readonly Process[]): string {
  const texts = processes
    .filter(({ condition }) => condition !== 'well')
    .map(({ url, condition, reason }) => `${url} ${condition === 'silent' ? 'silent: ' : ''}${reason}`);
  return texts.length > 0 ? ` (${texts.join('; ')})` : '';
}
