/** The server answered, and said no. */
export class Refused extends Error {
  readonly status: number;
  readonly code: string;
  readonly field: string | undefined;
  readonly retryAfterMs: number | undefined;

  constructor(
    status: number,
    told: { code: string; message: string; field?: string | undefined },
    retryAfterMs?: number,
  ) {
    super(told.message);
    this.name = 'Refused';
    this.status = status;
    this.code = told.code;
    this.field = told.field;
    this.retryAfterMs = retryAfterMs;
  }
}

/** Nobody answered in time, or not in our words: the network, a proxy, a server that restarts. */
export class Unreachable extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'Unreachable';
  }
}

export interface Asked {
  readonly method?: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Sent as JSON. */
  readonly body?: unknown;
  /** Sent as it is. */
  readonly file?: Blob;
  readonly signal?: AbortSignal;
  readonly timeoutMs?: number;
}

const usualTimeoutMs = 12_000;
const signedOutListeners = new Set<() => void>();

/** Called whenever a request shows that there is no session any more. */
export function onSignedOut(listener: () => void): () => void {
  signedOutListeners.add(listener);
  return () => signedOutListeners.delete(listener);
}

/**
 * Asks the server that this page came from, as whoever its cookie says.
 * @throws {Refused} for an answer that says no. @throws {Unreachable} when there is none. @throws an AbortError when told to stop.
 */
export async function request<Answer>(path: string, asked: Asked = {}): Promise<Answer> {
  const { method = 'GET', body, file, signal, timeoutMs = usualTimeoutMs } = asked;
  const limit = AbortSignal.timeout(timeoutMs);
  const headers: Record<string, string> = { accept: 'application/json' };
  if (body !== undefined) headers['content-type'] = 'application/json';
  if (file !== undefined) headers['content-type'] = file.type === '' ? 'application/octet-stream' : file.type;
  let response: Response;
  let text: string;
  try {
    response = await fetch(path, {
      method,
      headers,
      body: file ?? (body === undefined ? null : JSON.stringify(body)),
      credentials: 'same-origin',
      signal: signal === undefined ? limit : AbortSignal.any([signal, limit]),
    });
    text = await response.text();
  } catch (error) {
    if (signal?.aborted === true) throw error;
    throw new Unreachable(limit.aborted ? 'no answer in time' : 'no connection', error);
  }
  if (response.ok) return (text === '' ? undefined : parse(text, response.status)) as Answer;
  throw refusalOf(response, text);
}

function refusalOf(response: Response, text: string): Error {
  const { status } = response;
  const told = (parse(text, status) as { error?: { code: string; message: string; field?: string } }).error;
  const seconds = Number(response.headers.get('retry-after') ?? Number.NaN);
  if (status === 503 || status === 502 || status === 504)
    return new Unreachable(told?.message ?? `status ${status}`);
  if (status === 401) signedOutListeners.forEach((listener) => listener());
  const words = told ?? { code: 'unknown', message: `The server answered with status ${status}` };
  return new Refused(status, words, Number.isNaN(seconds) ? undefined : seconds * 1_000);
}

function parse(text: string, status: number): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    throw new Unreachable(`an answer with status ${status} that is not JSON`, error);
  }
}
