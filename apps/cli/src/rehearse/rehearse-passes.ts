import { createPostgresTarget } from '@crossfade/controller';
import type {
  BoundPlan,
  BoundStep,
  Direction,
  Json,
  JsonObject,
  Target,
  TargetConnection,
} from '@crossfade/engine';
import { differences, readState, type DatabaseState, type Difference } from './compare-states.ts';
import { LockObserver } from './lock-observer.ts';
import { LockRecord, type WatchedStatement } from './lock-record.ts';
import { rehearseStep, type StepEnd } from './rehearse-step.ts';
import { watchedTarget } from './watched-target.ts';

/** One step in one direction, as it was seen. */
export interface SeenStep {
  readonly owner: BoundStep;
  readonly end: StepEnd;
  readonly tookMs: number;
  readonly statements: readonly WatchedStatement[];
  readonly differs: readonly Difference[];
}

export interface SeenPass {
  readonly direction: Direction;
  readonly steps: readonly SeenStep[];
}

export interface PassesWork {
  readonly bound: BoundPlan;
  readonly steps: readonly BoundStep[];
  /** As whom the plan is carried out. */
  readonly url: string;
  /** As superuser: what is compared and looked at. */
  readonly superuserUrl: string;
  readonly signal: AbortSignal;
  /** Told of each step that begins. */
  readonly begins: (direction: Direction, step: string) => void;
}

/**
 * Forward, back, and forward again. Before each step it is noted what the database is like; when the step is taken back, it must be
 * so again. What cannot be taken back (contract) is done only the second time, with all that comes after it. After a failure there
 * is no second time, but what was done is taken back: that must be possible from every state.
 */
export async function rehearsePasses(work: PassesWork): Promise<readonly SeenPass[]> {
  const observer = await LockObserver.connect(work.superuserUrl);
  try {
    return await carryOut(new Passes(work, observer), work.steps);
  } finally {
    await observer.close();
  }
}

async function carryOut(passes: Passes, steps: readonly BoundStep[]): Promise<readonly SeenPass[]> {
  const last = steps.findIndex(({ type }) => type.reversibility === 'contract');
  const reversible = last < 0 ? steps : steps.slice(0, last);
  const forward = await passes.forward('first', reversible);
  const undo = await passes.undo('first', forward);
  if (hasFailed(forward) || hasFailed(undo)) return [forward, undo];
  // A plan that was taken back is begun anew, as another run.
  return [forward, undo, await passes.forward('second', steps)];
}

function hasFailed({ steps }: SeenPass): boolean {
  return steps.some(({ end }) => end.end === 'failed');
}

class Passes {
  readonly #work: PassesWork;
  readonly #observer: LockObserver;
  readonly #target: Target;
  readonly #looking: Target;
  readonly #before = new Map<string, DatabaseState>();
  #record = new LockRecord();

  constructor(work: PassesWork, observer: LockObserver) {
    this.#work = work;
    this.#observer = observer;
    const target = createPostgresTarget({ connectionString: work.url });
    this.#target = watchedTarget(target, observer, () => this.#record);
    this.#looking = createPostgresTarget({ connectionString: work.superuserUrl });
  }

  async forward(run: string, steps: readonly BoundStep[]): Promise<SeenPass> {
    const seen: SeenStep[] = [];
    for (const owner of steps) {
      this.#before.set(owner.step.id, await this.#look());
      const step = await this.#step(run, owner, 'forward', null);
      seen.push(step);
      if (step.end.end === 'failed') break;
    }
    return { direction: 'forward', steps: seen };
  }

  async undo(run: string, { steps }: SeenPass): Promise<SeenPass> {
    const seen: SeenStep[] = [];
    for (const { owner, end } of steps.toReversed()) {
      const step = await this.#step(run, owner, 'undo', end.data);
      const before = this.#before.get(owner.step.id);
      const differs = before && step.end.end === 'done' ? differences(before, await this.#look()) : [];
      seen.push({ ...step, differs });
      if (step.end.end === 'failed') break;
    }
    return { direction: 'undo', steps: seen };
  }

  async #step(run: string, owner: BoundStep, direction: Direction, data: Json): Promise<SeenStep> {
    const { bound, signal, begins } = this.#work;
    begins(direction, owner.step.id);
    this.#record = new LockRecord();
    await this.#observer.rememberRelations();
    const startedMs = performance.now();
    const runId = `rehearsal-${run}`;
    const end = await rehearseStep({ bound, owner, direction, data, runId, target: this.#target, signal });
    const tookMs = performance.now() - startedMs;
    return { owner, end, tookMs, statements: this.#record.statements(), differs: [] };
  }

  async #look(): Promise<DatabaseState> {
    const { signal } = this.#work;
    const read = async (connection: TargetConnection) => await readState(connection);
    return await this.#looking.withConnection({ applicationName: 'crossfade rehearse', signal }, read);
  }
}

/** Rows that a step says it has passed; null when it says nothing of rows. */
export function rowsOf(facts: JsonObject): number | null {
  return typeof facts['rows'] === 'number' ? facts['rows'] : null;
}
