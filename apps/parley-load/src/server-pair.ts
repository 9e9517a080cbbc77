import { Agent } from 'undici';

const CONNECTIONS_PER_SERVER = 64;

export interface Call {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly path: string;
  readonly body?: object;
}

export interface Answer {
  readonly status: number;
  /** What the JSON of the answer says; undefined where there is none. */
  readonly body: unknown;
  readonly retryAfterMs: number | undefined;
}

/** The servers of one Parley, over connections that are kept. A single try: retrying is `exchange`'s. */
export class ServerPair {
  readonly urls: readonly string[];
  readonly #agent = new Agent({
    connections: CONNECTIONS_PER_SERVER,
    keepAliveTimeout: 30_000,
    keepAliveMaxTimeout: 60_000,
    connect: { timeout: 5_000 },
  });

  constructor(urls: readonly string[]) {
    this.urls = urls;
  }

  /**
   * @throws when there was no whole answer within `deadlineMs`: the network, or an answer that is not JSON.
   */
  async ask(server: number, call: Call, token: string | undefined, deadlineMs: number): Promise<Answer> {
    const origin = this.urls[server];
    if (origin === undefined) throw new RangeError(`server ${server}: expected 0 to ${this.urls.length - 1}`);
    const headers: Record<string, string> = { accept: 'application/json' };
    if (token !== undefined) headers['authorization'] = `Bearer ${token}`;
    if (call.body !== undefined) headers['content-type'] = 'application/json';
    const answer = await this.#agent.request({
      origin,
      path: call.path,
      method: call.method,
      headers,
      body: call.body === undefined ? null : JSON.stringify(call.body),
      signal: AbortSignal.timeout(Math.max(1, Math.ceil(deadlineMs))),
    });
    const text = await answer.body.text();
    const retryAfterSeconds = Number(answer.headers['retry-after'] ?? Number.NaN);
    return {
      status: answer.statusCode,
      body: readBody(text, answer.statusCode),
      retryAfterMs: Number.isFinite(retryAfterSeconds) ? retryAfterSeconds * 1000 : undefined,
    };
  }

  async close(): Promise<void> {
    await this.#agent.destroy();
  }
}

function readBody(text: string, status: number): unknown {
  if (text === '') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    // An error is an error, also where something on the way has put a page of its own around it.
    if (status >= 400) return undefined;
    throw error;
  }
}
