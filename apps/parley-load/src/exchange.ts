import type { Random } from './random.ts';
import type { Route } from './route.ts';
import type { Answer, Call } from './server-pair.ts';

/** Of their patience: one try that hangs must leave time for another one. */
const SHARE_OF_ONE_TRY = 2 / 3;
const MOST_TRIES = 6;
/** Before the second, third, ... try. The second is at once: it usually finds the other server well. */
const BACK_OFF_MS = [20, 400, 1_200, 3_000, 6_000];
/** Shorter than this, a last try is not worth making. */
const LEAST_TRY_MS = 50;

export interface Exchange {
  /** Undefined when no try brought an answer. */
  readonly answer: Answer | undefined;
  /** 0 without an answer. */
  readonly status: number;
  readonly tries: number;
  /** The server of the last try. */
  readonly server: number;
  /** Why the last try brought nothing. */
  readonly error: string | undefined;
}

export interface ExchangeTools {
  readonly ask: (
    server: number,
    call: Call,
    token: string | undefined,
    deadlineMs: number,
  ) => Promise<Answer>;
  readonly nowMs: () => number;
  readonly pause: (ms: number) => Promise<unknown>;
  readonly random: Random;
  /** From the first try to the end of the last one. */
  readonly patienceMs: number;
}

/**
 * Asks as a good client does: where the network failed or the server is unavailable (503), the other server is asked,
 * with growing pauses, at most 6 times while their patience lasts. Only for calls that may be made twice: sends carry a client id.
 */
export async function exchange(
  call: Call,
  token: string | undefined,
  route: Route,
  tools: ExchangeTools,
): Promise<Exchange> {
  const endMs = tools.nowMs() + tools.patienceMs;
  for (let tries = 1; ; tries += 1) {
    const server = route.choose(tools.nowMs());
    const deadlineMs = Math.min(tools.patienceMs * SHARE_OF_ONE_TRY, endMs - tools.nowMs());
    const outcome = await tryOnce(call, token, server, deadlineMs, tools);
    if (outcome.answer !== undefined && outcome.answer.status !== 503) {
      route.answered(server);
      return { answer: outcome.answer, status: outcome.answer.status, tries, server, error: undefined };
    }
    route.gone(server, tools.nowMs());
    const pauseMs = pauseBefore(tries, outcome.answer?.retryAfterMs, tools.random);
    const isLast = tries >= MOST_TRIES || tools.nowMs() + pauseMs + LEAST_TRY_MS > endMs;
    if (isLast) return { ...outcome, status: outcome.answer?.status ?? 0, tries, server };
    await tools.pause(pauseMs);
  }
}

async function tryOnce(
  call: Call,
  token: string | undefined,
  server: number,
  deadlineMs: number,
  tools: ExchangeTools,
): Promise<{ answer: Answer | undefined; error: string | undefined }> {
  try {
    return { answer: await tools.ask(server, call, token, deadlineMs), error: undefined };
  } catch (error) {
    return { answer: undefined, error: shortReason(error) };
  }
}

function pauseBefore(triesSoFar: number, retryAfterMs: number | undefined, random: Random): number {
  const planned = BACK_OFF_MS[triesSoFar - 1] ?? 0;
  const jittered = planned * (0.75 + random.next() * 0.5);
  // The first change goes to another server, which has not asked for patience.
  return triesSoFar === 1 ? jittered : Math.max(jittered, Math.min(retryAfterMs ?? 0, 3_000));
}

function shortReason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  return `${code}: ${error.message}`.slice(0, 200);
}
