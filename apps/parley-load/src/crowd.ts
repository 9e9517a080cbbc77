import { setTimeout as sleep } from 'node:timers/promises';
import { chooseErrand } from './actions/choose-errand.ts';
import { listConversationsErrand, readFlagsErrand } from './actions/reading.ts';
import { arrivals } from './arrivals.ts';
import { atTheirTimes } from './at-their-times.ts';
import type { Clock } from './clock.ts';
import { EventSocket } from './event-socket.ts';
import { exchange, type Exchange } from './exchange.ts';
import { forEachOf } from './for-each-of.ts';
import { logInEverybody } from './log-in.ts';
import type { Person, Timing } from './person.ts';
import type { Random } from './random.ts';
import type { RunRecord } from './run-record.ts';
import type { Call, ServerPair } from './server-pair.ts';
import { settleErrand } from './settle-errand.ts';
import type { Action, Errand, World } from './world.ts';

/** More than this under way, and somebody new is turned away: logged as failed, never dropped in silence. */
const MOST_IN_FLIGHT = 2_000;
const FLAGS_SPREAD_MS = 1_500;
const SOCKETS_PATIENCE_MS = 15_000;

const TIMED: Partial<Record<Action, Timing['name']>> = {
  list_conversations: 'first_paint',
  open_conversation: 'conversation_open',
  send: 'message_send',
  search: 'search',
};

export interface CrowdParts {
  readonly people: readonly Person[];
  readonly servers: ServerPair;
  readonly world: World;
  readonly record: RunRecord;
  readonly clock: Clock;
  readonly patienceMs: number;
  /** What nobody expected: a mistake of ours. It ends the run. */
  readonly onFatal: (error: unknown) => void;
}

/** All virtual people together: they log in, hold their sockets, and do things when their time has come. */
export class Crowd {
  readonly #parts: CrowdParts;
  readonly #retryRandom: Random;
  readonly #sockets = new Map<Person, EventSocket>();
  readonly #connected = new Set<Person>();
  readonly #askingFlags = new Set<Person>();
  #inFlight = 0;
  #isWarmup = false;
  #isLeaving = false;

  constructor(parts: CrowdParts) {
    this.#parts = parts;
    this.#retryRandom = parts.world.random.fork();
  }

  get connectedCount(): number {
    return this.#connected.size;
  }

  /** @throws when somebody cannot come in. */
  async comeIn(onLoggedIn: (count: number) => void, onClockSet: () => void): Promise<void> {
    const { people, record: runRecord, clock } = this.#parts;
    const done = await logInEverybody(
      people,
      async (person, call) => await this.ask(person, call),
      clock,
      onLoggedIn,
    );
    onClockSet();
    for (const { outcome, intendedMs, finishedMs } of done) {
      runRecord.request({ ...outcome, action: 'log_in', intendedMs, finishedMs, ok: true, isWarmup: false });
    }
    await forEachOf(people, 8, async (person) => {
      const { world } = this.#parts;
      await this.#perform(person, readFlagsErrand(world, person), clock.nowMs());
      await this.#perform(person, listConversationsErrand(world, person), clock.nowMs());
      this.#holdSocket(person);
    });
    const latestMs = clock.nowMs() + SOCKETS_PATIENCE_MS;
    while (this.#connected.size < people.length && clock.nowMs() < latestMs) await sleep(20);
    for (const person of people) {
      if (!this.#connected.has(person)) this.#socketFailed(person.route.home, 'not connected in time');
    }
  }

  /** Lets people arrive until `signal` says that it is enough. Nobody waits for anybody's answer. */
  async liveUntil(
    signal: AbortSignal,
    random: Random,
    ratePerSecond: number,
    warmupSeconds: number,
  ): Promise<void> {
    const { people, clock, world } = this.#parts;
    const warmUntilMs = clock.nowMs() + warmupSeconds * 1000;
    await atTheirTimes(arrivals(random, ratePerSecond), clock, signal, (intendedMs) => {
      this.#isWarmup = intendedMs < warmUntilMs;
      const person = people[Math.floor(random.next() ** 1.3 * people.length)] ?? world.random.pick(people);
      this.#arrive(person, intendedMs);
    });
  }

  /** Waits for the answers still due; every request has its deadline. */
  async drain(): Promise<void> {
    this.#isLeaving = true;
    while (this.#inFlight > 0) await sleep(20);
  }

  leave(): void {
    this.#isLeaving = true;
    for (const socket of this.#sockets.values()) socket.close();
  }

  /** One call on a person's behalf, with retries, not logged. */
  async ask(person: Person, call: Call): Promise<Exchange> {
    const { servers, clock, patienceMs } = this.#parts;
    return await exchange(call, person.token, person.route, {
      ask: async (...given) => await servers.ask(...given),
      nowMs: () => clock.nowMs(),
      pause: sleep,
      random: this.#retryRandom,
      patienceMs,
    });
  }

  #arrive(person: Person, intendedMs: number): void {
    if (this.#inFlight >= MOST_IN_FLIGHT) {
      const outcome = { status: 0, tries: 0, server: person.route.home, error: 'overloaded' };
      const isWarmup = this.#isWarmup;
      // What it would have been is not decided: planning changes what the person has in mind.
      this.#parts.record.request({ ...outcome, action: 'turned_away', intendedMs, ok: false, isWarmup });
      return;
    }
    const errand = chooseErrand(this.#parts.world, person);
    this.#perform(person, errand, intendedMs).catch(this.#parts.onFatal);
  }

  async #perform(person: Person, errand: Errand, intendedMs: number): Promise<void> {
    const isWarmup = this.#isWarmup;
    this.#inFlight += 1;
    if (errand.writesIn !== undefined) this.#sockets.get(person)?.writes(errand.writesIn);
    try {
      const outcome = await this.ask(person, errand.call);
      const error = settleErrand(errand, outcome);
      const ok = error === undefined;
      if (!ok) errand.giveUp?.();
      const { action } = errand;
      const ms = this.#parts.record.request({ ...outcome, action, intendedMs, ok, error, isWarmup });
      const timed = TIMED[action];
      if (ok && timed !== undefined) person.measured(timed, ms);
    } finally {
      this.#inFlight -= 1;
    }
  }

  #holdSocket(person: Person): void {
    const { servers, world, record: runRecord } = this.#parts;
    const socket = new EventSocket(servers.urls, person.route.home, person.token ?? '', this.#retryRandom, {
      onMessage: (event) => {
        world.expected.heardOf(event.conversationId, event.seq);
        person.hear(event);
      },
      // Nothing to fetch: the next page read is checked against the change if one of us made it.
      onChanged: () => {},
      onFlags: () => this.#askFlagsSoon(person),
      onConnected: (server) => {
        this.#connected.add(person);
        person.mayHaveMissedEvents();
        runRecord.socket('connected', server);
        // The flags may have changed while nobody told this person: also between their log-in and this moment.
        this.#askFlagsSoon(person);
      },
      onLost: (server, reason) => {
        this.#connected.delete(person);
        person.mayHaveMissedEvents();
        runRecord.socket('lost', server, reason);
      },
      onBroken: (server, error) => this.#socketFailed(server, error),
    });
    this.#sockets.set(person, socket);
  }

  #socketFailed(server: number, error: string): void {
    const outcome = { status: 0, tries: 1, server, error, ok: false };
    const isWarmup = this.#isWarmup;
    const intendedMs = this.#parts.clock.nowMs();
    this.#parts.record.request({ ...outcome, action: 'hold_socket', intendedMs, isWarmup });
  }

  /** Everybody is told at the same moment: they ask spread over a little time. */
  #askFlagsSoon(person: Person): void {
    if (this.#askingFlags.has(person) || this.#isLeaving) return;
    this.#askingFlags.add(person);
    const { world, clock, onFatal } = this.#parts;
    setTimeout(() => {
      this.#askingFlags.delete(person);
      if (this.#isLeaving) return;
      this.#perform(person, readFlagsErrand(world, person), clock.nowMs()).catch(onFatal);
    }, this.#retryRandom.next() * FLAGS_SPREAD_MS);
  }
}
