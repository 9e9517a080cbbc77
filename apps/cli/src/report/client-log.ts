import { createReadStream } from 'node:fs';
import { createInterface } from 'node:readline';
import { z } from 'zod';

/** The part of the load generator's log (JSON lines) that a report is made from. Times are database time, ms since 1970. */
const lineSchema = z.discriminatedUnion('kind', [
  z.object({
    kind: z.literal('request'),
    at: z.number(),
    action: z.string(),
    ms: z.number(),
    ok: z.boolean(),
    tries: z.number().default(1),
  }),
  z
    .object({ kind: z.literal('features'), at: z.number() })
    .catchall(z.object({ shown: z.number(), used: z.number() })),
  z.object({
    kind: z.literal('verified'),
    acknowledged: z.number(),
    found: z.number(),
    missing: z.number(),
    changed: z.number(),
    duplicated: z.number(),
    outOfOrder: z.number(),
  }),
]);

type Line = z.infer<typeof lineSchema>;
export type ClientRequest = Extract<Line, { kind: 'request' }>;

export interface ClientLog {
  readonly requests: readonly ClientRequest[];
  readonly features: Readonly<Record<string, { readonly shown: number; readonly used: number }>>;
  /** Null when the load ended before it could read everything again. */
  readonly verified: Extract<Line, { kind: 'verified' }> | null;
}

/** Of a run without people who keep a log. */
export const emptyClientLog: ClientLog = { requests: [], features: {}, verified: null };

/** A log that ended before the run began tells of an earlier one, and nothing of this one. */
export function logOfRun(log: ClientLog, runStartedAtMs: number): ClientLog {
  return log.requests.some(({ at }) => at >= runStartedAtMs) ? log : emptyClientLog;
}

const kinds = new Set<string>(['request', 'features', 'verified']);

/**
 * Reads a client log line by line. A last line cut off by a kill is left out; any other that cannot be read is an error
 * that names its number.
 */
export async function readClientLog(path: string): Promise<ClientLog> {
  const requests: ClientRequest[] = [];
  let features: ClientLog['features'] = {};
  let verified: ClientLog['verified'] = null;
  let unreadable: number | undefined;
  let number = 0;
  for await (const text of createInterface({
    input: createReadStream(path),
    crlfDelay: Number.POSITIVE_INFINITY,
  })) {
    number += 1;
    if (unreadable !== undefined)
      throw new Error(`${path}, line ${unreadable} is not a line of a client log`);
    const line = parseLine(text);
    if (line === 'unreadable') unreadable = number;
    else if (line?.kind === 'request') requests.push(line);
    else if (line?.kind === 'features') features = featuresOf(line);
    else if (line?.kind === 'verified') verified = line;
  }
  return { requests, features, verified };
}

function featuresOf({
  kind: _kind,
  at: _at,
  ...features
}: Extract<Line, { kind: 'features' }>): ClientLog['features'] {
  return features;
}

function parseLine(text: string): Line | 'unreadable' | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return 'unreadable';
  }
  if (typeof value !== 'object' || value === null || !('kind' in value)) return 'unreadable';
  if (!kinds.has(String(value.kind))) return undefined;
  const line = lineSchema.safeParse(value);
  return line.success ? line.data : 'unreadable';
}
