import { chainEntries, genesisHash } from '../chain.ts';
import { decide, type Observations } from '../decide.ts';
import type { BoundPlan } from '../bind.ts';
import type { EffectOutcome, JournalEntry, RunEvent, Verdict } from '../events.ts';
import { emptyJournal, foldJournal } from '../fold.ts';
import type { JournalState, PendingEffect } from '../state.ts';
import { watchesOf } from '../watches.ts';

const fewest = 10_000;

/** A run on a virtual clock: effects end when the test says so, verdicts are what the test says. */
export class Simulation {
  readonly entries: JournalEntry[] = [];
  readonly bound: BoundPlan;
  journal: JournalState = emptyJournal;
  nowMs = 1_000_000;
  /** Answers an effect; undefined: it is still at work. */
  perform: (effect: PendingEffect, step: string) => EffectOutcome | undefined = () => succeeded();
  judge: (gate: string, watcher: string) => Verdict['status'] | undefined = () => 'pass';

  constructor(bound: BoundPlan, options: { speed?: number } = {}) {
    this.bound = bound;
    this.append({
      type: 'run.started',
      plan: bound.plan.name,
      planDigest: bound.digest,
      speed: options.speed ?? 1,
      week1IsoDate: '2026-01-05',
      planStartOffsetMs: 0,
    });
  }

  append(...events: RunEvent[]): void {
    const last = this.entries.at(-1);
    const head = { seq: last?.seq ?? 0, hash: last?.hash ?? genesisHash };
    const drafts = events.map((event) => ({ runId: 'run-1', actor: 'test', event }));
    const entries = chainEntries(drafts, head, this.nowMs);
    this.entries.push(...entries);
    this.journal = foldJournal(this.journal, entries);
  }

  /** One decision, journalled. Returns when to ask again. */
  tick(): number {
    const decision = decide(this.bound, this.journal, this.#observe(), this.nowMs);
    this.append(...decision.transitions);
    return decision.wakeAtMs;
  }

  /** Ticks until nothing changes any more, moving the clock to each wake-up. */
  run(until: (journal: JournalState) => boolean = () => false): JournalState {
    for (let ticks = 0; ticks < fewest; ticks += 1) {
      const before = this.entries.length;
      const wakeAtMs = this.tick();
      if (until(this.journal)) return this.journal;
      if (this.entries.length > before) continue;
      if (!Number.isFinite(wakeAtMs)) return this.journal;
      this.nowMs = Math.max(this.nowMs + 1, wakeAtMs);
    }
    throw new Error(`the simulation did not come to rest in ${fewest} ticks`);
  }

  eventsOf<Type extends RunEvent['type']>(type: Type): readonly Extract<RunEvent, { type: Type }>[] {
    return this.entries
      .map((entry) => entry.event)
      .filter((event): event is Extract<RunEvent, { type: Type }> => event.type === type);
  }

  #observe(): Observations {
    const effectResults = Object.entries(this.journal.run?.steps ?? {}).flatMap(([step, state]) => {
      const outcome = state.pendingEffect && this.perform(state.pendingEffect, step);
      return state.pendingEffect && outcome ? [{ key: state.pendingEffect.key, outcome }] : [];
    });
    const verdicts = watchesOf(this.bound, this.journal, this.nowMs).flatMap(
      ({ gate, watcher, fromMs, toMs }) => {
        const status = this.judge(gate, watcher);
        const verdict = { evidence: `${gate} says ${status}`, value: 0, limit: 0, samples: 1, fromMs, toMs };
        return status ? [[`${gate}@${watcher}`, { ...verdict, status }] as const] : [];
      },
    );
    return { effectResults, verdicts: Object.fromEntries(verdicts) };
  }
}

export function succeeded(): EffectOutcome {
  return { status: 'succeeded', result: null, activeMs: 5, attempts: 1 };
}

export function failed(error: string): EffectOutcome {
  return { status: 'failed', error, activeMs: 5, attempts: 3 };
}
