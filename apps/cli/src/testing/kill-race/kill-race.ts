import { appendOperatorCommand, runController } from '@crossfade/controller';
import {
  emptyJournal,
  foldJournal,
  verifyChain,
  type AppendRequest,
  type ControlStore,
  type RunEvent,
} from '@crossfade/engine';
import { createMemoryStore } from '@crossfade/store';
import { loadJournal } from '../../control.ts';
import { chosenFlags, switchFlags } from '../../flags/switch-flags.ts';
import { Seeded } from '../faults/seeded.ts';
import { Interleaving, type Place } from './interleaving.ts';
import { keenTarget, otherPeople, promotionPlan, runStarted } from './promotion-plan.ts';
import { stepsNotAtRest } from './steps-not-at-rest.ts';
import { killedFlags, promotionsOfKilled, watchedCommits, wrongInTheEnd } from './watched-commits.ts';

/** What came of one race. */
export interface RaceResult {
  /** Whatever did not hold, in words. */
  readonly violations: readonly string[];
  /** Promotions that were decided before the kill and came to be committed after it. */
  readonly promotionsRefused: number;
  /** Commands that had to be written again, because the journal had moved on. */
  readonly commandsRefused: number;
  readonly hadTakeover: boolean;
  readonly wasEnabled: boolean;
  readonly status: string;
}

const bound = promotionPlan();
const hourMs = 1_000;
/** Enough for every stage, and for a lease to run out. */
const longestMs = 40_000;
const unused = async (): Promise<never> => {
  throw new Error('the steps of a race do not use it');
};

/** What a seed decides beforehand. */
function scenarioOf(random: Seeded) {
  return {
    flags: random.pick<readonly string[] | 'all'>([['search'], ['calls'], 'all']),
    /** At a place counted from the start; or where a controller is about to commit its nth promotion. */
    moment: random.pick(['place', 'promotion']),
    nth: random.next(),
    operatorShare: random.pick([0.1, 0.5, 0.9, 0.99]),
    takeoverAtPlace: random.pick([true, false, false]) ? random.between(1, 250) : undefined,
    enableAfterPlaces: random.pick([true, false]) ? random.between(0, 120) : undefined,
    hasOverride: random.pick([true, false]),
  };
}

/** A rollout's controllers and an operator who switches flags off, over a memory store, in an order that the seed decides. */
export async function raceKill(seed: number): Promise<RaceResult> {
  return await new KillRace(seed).run();
}

class KillRace {
  readonly #violations: string[] = [];
  readonly #interleaving: Interleaving;
  readonly #store: ControlStore;
  readonly #random: Seeded;
  readonly #scenario: ReturnType<typeof scenarioOf>;
  readonly #stopping = new AbortController();
  readonly #actors: Promise<void>[] = [];
  #ended = 0;
  #places = 0;
  #promotions = 0;
  #promotionsRefused = 0;
  #commandsRefused = 0;
  #order: 'none' | 'disabling' | 'disabled' | 'enabling' | 'enabled' = 'none';
  #disabledAtPlace = Number.POSITIVE_INFINITY;
  #hadTakeover = false;

  constructor(seed: number) {
    this.#random = new Seeded(seed);
    this.#scenario = scenarioOf(this.#random);
    this.#interleaving = new Interleaving(this.#random);
    this.#interleaving.operatorShare = this.#scenario.operatorShare;
    this.#store = watchedCommits(
      createMemoryStore({ now: () => this.#interleaving.nowMs }),
      this.#violations,
    );
  }

  async run(): Promise<RaceResult> {
    const start: RunEvent[] = [runStarted(bound, hourMs)];
    if (this.#scenario.hasOverride) start.push(this.#overrideOf(otherPeople[0] ?? ''));
    await appendOperatorCommand({ store: this.#store, plan: bound.plan }, () =>
      start.map((event) => ({ runId: 'run-1', actor: 'test', event })),
    );
    this.#interleaving.onPlace = (place) => this.#arriveAt(place);
    const endsMs = this.#interleaving.nowMs + longestMs;
    this.#enter(this.#lead('first'));
    await this.#interleaving.runUntil(() => this.#isIdle() || this.#interleaving.nowMs >= endsMs);
    // A kill that was due after the end of the run comes now.
    if (this.#order === 'none') this.#enter(this.#disable());
    this.#interleaving.resume('first');
    this.#stopping.abort();
    await this.#interleaving.runUntil(() => this.#isIdle());
    await Promise.all(this.#actors);
    return await this.#result();
  }

  #overrideOf(targetingKey: string): RunEvent {
    return { type: 'override.set', flag: 'search', targetingKey, value: 'on', reason: 'asked for it' };
  }

  #enter(actor: Promise<void>): void {
    const ended = actor.finally(() => (this.#ended += 1));
    // Met when all are waited for in the end.
    ended.catch(() => undefined);
    this.#actors.push(ended);
  }

  #isIdle(): boolean {
    return this.#ended === this.#actors.length;
  }

  #arriveAt(place: Place): void {
    this.#places += 1;
    const { takeoverAtPlace, enableAfterPlaces = Number.POSITIVE_INFINITY } = this.#scenario;
    this.#count(place);
    if (this.#isMoment(place)) this.#enter(this.#disable());
    if (this.#order === 'disabled' && this.#places >= this.#disabledAtPlace + enableAfterPlaces) {
      this.#enter(this.#enable());
    }
    if (place.actor === 'first' && this.#places >= (takeoverAtPlace ?? Number.POSITIVE_INFINITY)) {
      this.#takeOver();
    }
    // Whoever was stopped wakes up late, with what it had decided before.
    const hasFollowed = place.actor === 'second' && place.answer?.status === 'appended';
    if (hasFollowed && this.#random.next() < 0.3) this.#interleaving.resume('first');
  }

  #count({ actor, request, answer }: Place): void {
    if (answer?.status !== 'conflict' && answer?.status !== 'fenced') return;
    if (actor === 'operator') this.#commandsRefused += 1;
    else if (request && isPromotion(request) && this.#order !== 'none') this.#promotionsRefused += 1;
  }

  #isMoment({ actor, request, answer }: Place): boolean {
    if (this.#order !== 'none' || actor === 'operator') return false;
    const { moment, nth } = this.#scenario;
    if (moment === 'place') return this.#places > nth * 300;
    if (!request || answer || !isPromotion(request)) return false;
    this.#promotions += 1;
    return this.#promotions > nth * 6;
  }

  #takeOver(): void {
    if (this.#hadTakeover) return;
    this.#hadTakeover = true;
    this.#interleaving.stall('first');
    this.#enter(this.#lead('second'));
  }

  async #lead(holder: string): Promise<void> {
    const store = this.#interleaving.storeOf(holder, this.#store);
    const { signal } = this.#stopping;
    for (let status = 'lost_lease'; status === 'lost_lease' && !signal.aborted;) {
      const ended = await runController({
        store,
        bound,
        target: keenTarget,
        metrics: { counterIncrease: unused, histogramIncrease: unused, ask: unused },
        notifier: { send: unused },
        clock: this.#interleaving.clock,
        random: this.#random,
        holder,
        signal,
      });
      status = ended.status;
    }
  }

  async #disable(): Promise<void> {
    this.#order = 'disabling';
    await this.#switch(true);
    this.#order = 'disabled';
    this.#disabledAtPlace = this.#places;
  }

  async #enable(): Promise<void> {
    this.#order = 'enabling';
    await this.#switch(false);
    this.#order = 'enabled';
  }

  /** As `crossfade flags disable` and `enable` do. */
  async #switch(off: boolean): Promise<void> {
    const store = this.#interleaving.storeOf('operator', this.#store);
    const { journal } = await loadJournal(store);
    const flags = chosenFlags(bound, journal, this.#scenario.flags);
    await switchFlags(store, bound, { off, flags, reason: 'it burns', actor: 'operator' });
    const killed = killedFlags(await this.#store.readJournal(0));
    if (off && this.#order === 'disabling' && flags.some((flag) => !killed.has(flag)))
      this.#violations.push(`${flags.join(', ')}: the command has returned, and they are not killed`);
  }

  async #result(): Promise<RaceResult> {
    const entries = await this.#store.readJournal(0);
    const document = (await this.#store.readFlagDocument())?.document ?? '{"flags":{}}';
    const chain = verifyChain(entries);
    const { run } = foldJournal(emptyJournal, entries);
    if (!run) throw new Error('the run has vanished');
    const wrong = [
      ...promotionsOfKilled(entries),
      ...wrongInTheEnd(entries, document),
      ...stepsNotAtRest(run, killedFlags(entries)),
    ];
    if (!chain.ok) wrong.push(`the chain is broken: ${JSON.stringify(chain)}`);
    return {
      violations: [...this.#violations, ...wrong],
      promotionsRefused: this.#promotionsRefused,
      commandsRefused: this.#commandsRefused,
      hadTakeover: this.#hadTakeover,
      wasEnabled: this.#order === 'enabled',
      status: run.status,
    };
  }
}

function isPromotion({ entries }: AppendRequest): boolean {
  return entries.some(({ event }) => event.type === 'exposure.changed');
}
