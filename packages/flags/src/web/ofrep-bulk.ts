import type { EvaluationContext } from '@openfeature/core';
import { relayAddress } from '../relay-address.ts';
import { readFlags } from './answers.ts';
import type { Answers } from './answers.ts';

/** Where a change is told, as a bulk answer says. */
export interface StreamAddress {
  readonly url: string;
  /** How long the page may be out of sight before its stream is given up. */
  readonly inactivityMs: number;
}

export interface BulkAnswer {
  readonly answers: Answers;
  readonly stream: StreamAddress | undefined;
}

/** The relay answered, and not with flags. */
export class RelayRefusal extends Error {
  override readonly name = 'RelayRefusal';
  /** Asked again as it is, it would refuse again: the key, the page, or the question is wrong. */
  readonly isFinal: boolean;
  /** Not before, as the relay asks. */
  readonly retryAfterMs: number;

  constructor(message: string, isFinal: boolean, retryAfterMs: number) {
    super(message);
    this.isFinal = isFinal;
    this.retryAfterMs = retryAfterMs;
  }
}

interface BulkQuestion {
  readonly url: string;
  readonly key: string;
  readonly context: EvaluationContext;
  /** What is known already, of the same context. */
  readonly tag: string | null;
  readonly signal: AbortSignal;
}

const timeoutMs = 10_000;
const usualInactivitySec = 120;

/**
 * Asks a relay for all flags of one person; undefined where nothing has changed since `tag`.
 * @throws {RelayRefusal} when it answers with anything but flags.
 * @throws {Error} when it cannot be reached within ten seconds, or answers what makes no sense.
 */
export async function askForAll(question: BulkQuestion): Promise<BulkAnswer | undefined> {
  const { url, key, context, tag, signal } = question;
  const address = relayAddress(url, '/ofrep/v1/evaluate/flags');
  const headers: Record<string, string> = { 'content-type': 'application/json', 'x-api-key': key };
  if (tag !== null) headers['if-none-match'] = tag;
  const response = await fetch(address, {
    method: 'POST',
    headers,
    body: JSON.stringify({ context }),
    signal: AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]),
  });
  if (response.status === 304 && tag !== null) return undefined;
  if (response.status !== 200) throw await refusalOf(address, response);
  const { flags, eventStreams } = (await response.json()) as Record<string, unknown>;
  const answers = { flags: readFlags(flags), tag: response.headers.get('etag') };
  return { answers, stream: streamOf(eventStreams, address) };
}

async function refusalOf(address: string, response: Response): Promise<RelayRefusal> {
  const { status, headers } = response;
  const words = (await response.text()).slice(0, 300);
  const isFinal = status >= 400 && status < 500 && status !== 408 && status !== 429;
  const seconds = Number(headers.get('retry-after') ?? 0);
  const message = `${address}: expected flags, got status ${status}${words === '' ? '' : `: ${words}`}`;
  return new RelayRefusal(message, isFinal, Number.isFinite(seconds) ? seconds * 1_000 : 0);
}

/** The first stream of server-sent events; undefined where there is none that can be understood. */
function streamOf(found: unknown, address: string): StreamAddress | undefined {
  for (const stream of Array.isArray(found) ? (found as readonly unknown[]) : []) {
    const { type, endpoint, inactivityDelaySec } = (stream ?? {}) as Record<string, unknown>;
    const { requestUri } = (endpoint ?? {}) as Record<string, unknown>;
    if (type !== 'sse' || typeof requestUri !== 'string' || !URL.canParse(requestUri, address)) continue;
    const seconds = typeof inactivityDelaySec === 'number' ? inactivityDelaySec : usualInactivitySec;
    return { url: new URL(requestUri, address).href, inactivityMs: seconds * 1_000 };
  }
  return undefined;
}
