import { randomUUID } from 'node:crypto';
import { Agent, request } from 'node:http';
import { io, type Socket } from 'socket.io-client';
import { serveBench } from '../flags/live/client-process.ts';
import { monotonicMs } from '../flags/live/monotonic-ms.ts';

export interface CrowdGiven {
  readonly url: string;
  readonly people: readonly {
    readonly userId: string;
    readonly token: string;
    readonly conversationId: string;
  }[];
  readonly warmUpMs: number;
  readonly measuredMs: number;
}

export interface CrowdResult {
  /** Of every request that was answered, from when it was due. */
  readonly latenciesMs: readonly number[];
  /** Errors, time-outs, and answers that were none. */
  readonly failed: number;
  /** From pressing Enter until another member of the conversation had the words. */
  readonly visibleMs: readonly number[];
  readonly sent: number;
}

interface Person {
  readonly token: string;
  readonly conversationId: string;
  version: number;
  isCatchingUp: boolean;
  isBehind: boolean;
}

const requestEveryMs = 5_000;
const messageEveryMs = 60_000;
const timeoutMs = 10_000;

/**
 * People as Mattermost counts them: a request every five seconds and a message every sixty, each message read at once by the
 * nineteen others of its conversation, who hear of it by their sockets and then ask for what has changed.
 */
serveBench(async (given: CrowdGiven) => {
  const crowd = new Crowd(given);
  await crowd.connect();
  const running = crowd.run();
  running.catch(() => undefined);
  return async () => await running;
});

class Crowd {
  readonly #given: CrowdGiven;
  readonly #agent = new Agent({ keepAlive: true, maxSockets: Infinity });
  readonly #sockets: Socket[] = [];
  readonly #people: Person[];
  readonly #latenciesMs: number[] = [];
  readonly #visibleMs: number[] = [];
  #failed = 0;
  #sent = 0;
  #isMeasured = false;

  constructor(given: CrowdGiven) {
    this.#given = given;
    this.#people = given.people.map(({ token, conversationId }) => ({
      token,
      conversationId,
      version: 0,
      isCatchingUp: false,
      isBehind: false,
    }));
  }

  async connect(): Promise<void> {
    for (let start = 0; start < this.#people.length; start += 20) {
      await Promise.all(
        this.#people.slice(start, start + 20).map(async (person) => await this.#connect(person)),
      );
    }
  }

  async run(): Promise<CrowdResult> {
    const { warmUpMs, measuredMs } = this.#given;
    const stops = this.#people.flatMap((person) => [
      this.#regularly(requestEveryMs, async () => await this.#look(person)),
      this.#regularly(messageEveryMs, async () => await this.#write(person)),
    ]);
    await sleep(warmUpMs);
    this.#isMeasured = true;
    await sleep(measuredMs);
    this.#isMeasured = false;
    stops.forEach((stop) => stop());
    await sleep(1_000);
    this.#sockets.forEach((socket) => socket.disconnect());
    return {
      latenciesMs: this.#latenciesMs,
      failed: this.#failed,
      visibleMs: this.#visibleMs,
      sent: this.#sent,
    };
  }

  async #connect(person: Person): Promise<void> {
    const socket = io(this.#given.url, {
      transports: ['websocket'],
      auth: { token: person.token },
      forceNew: true,
    });
    this.#sockets.push(socket);
    const onNews = ({ version }: { version: number }): void => {
      if (version > person.version) void this.#catchUp(person);
    };
    socket.on('message', onNews).on('changed', onNews);
    await new Promise<void>((resolve, reject) =>
      socket.once('connect', resolve).once('connect_error', reject),
    );
    await this.#look(person);
  }

  /** Each at a time of their own; a request that is slow does not make the next ones fewer. */
  #regularly(everyMs: number, work: () => Promise<unknown>): () => void {
    let timer: ReturnType<typeof setInterval> | undefined;
    const first = setTimeout(() => {
      void work();
      timer = setInterval(() => void work(), everyMs);
    }, Math.random() * everyMs);
    return () => {
      clearTimeout(first);
      clearInterval(timer);
    };
  }

  /** What opening a conversation asks for, or, one time in four, the list of all of them. */
  async #look(person: Person): Promise<void> {
    if (Math.random() < 0.25) await this.#ask(person, 'GET', '/v1/conversations');
    else {
      const page = await this.#ask<{ version: number }>(
        person,
        'GET',
        `/v1/conversations/${person.conversationId}/messages?limit=60`,
      );
      if (page !== undefined) person.version = Math.max(person.version, page.version);
    }
  }

  async #write({ token, conversationId }: Person): Promise<void> {
    const body = `sent at ${monotonicMs()} and some more words, as people write them`;
    const sent = await this.#ask({ token }, 'POST', `/v1/conversations/${conversationId}/messages`, {
      clientId: randomUUID(),
      body,
    });
    if (sent !== undefined && this.#isMeasured) this.#sent += 1;
  }

  async #catchUp(person: Person): Promise<void> {
    person.isBehind = true;
    if (person.isCatchingUp) return;
    person.isCatchingUp = true;
    while (person.isBehind) {
      person.isBehind = false;
      const path = `/v1/conversations/${person.conversationId}/changes?since=${person.version}`;
      const changes = await this.#ask<{ version: number; messages: { body: string }[] }>(person, 'GET', path);
      if (changes === undefined) break;
      const nowMs = monotonicMs();
      for (const { body } of changes.messages) {
        const sentMs = Number(/^sent at ([\d.]+)/.exec(body)?.[1] ?? Number.NaN);
        if (this.#isMeasured && !Number.isNaN(sentMs)) this.#visibleMs.push(nowMs - sentMs);
      }
      person.version = Math.max(person.version, changes.version);
    }
    person.isCatchingUp = false;
  }

  async #ask<Answer>(
    { token }: { token: string },
    method: 'GET' | 'POST',
    path: string,
    given?: object,
  ): Promise<Answer | undefined> {
    const startedMs = performance.now();
    const answer = await new Promise<Answer | undefined>((resolve) => {
      const headers: Record<string, string> = { authorization: `Bearer ${token}` };
      if (given !== undefined) headers['content-type'] = 'application/json';
      const asking = request(
        `${this.#given.url}${path}`,
        { method, headers, agent: this.#agent, timeout: timeoutMs },
        (response) => {
          let text = '';
          response.setEncoding('utf8').on('data', (part: string) => (text += part));
          response.on('error', () => resolve(undefined));
          response.on('end', () =>
            resolve((response.statusCode ?? 500) < 300 ? (JSON.parse(text) as Answer) : undefined),
          );
        },
      );
      asking.on('timeout', () => asking.destroy());
      asking.on('error', () => resolve(undefined));
      asking.end(given === undefined ? undefined : JSON.stringify(given));
    });
    if (!this.#isMeasured) return answer;
    if (answer === undefined) this.#failed += 1;
    else this.#latenciesMs.push(performance.now() - startedMs);
    return answer;
  }
}

const sleep = async (ms: number): Promise<void> => await new Promise((resolve) => setTimeout(resolve, ms));
