import { systemClock, systemRandom } from '@crossfade/controller';
import { stepOf, type BoundPlan, type RunState, type StepState, type Target } from '@crossfade/engine';
import { asVerifiable, verifyStep, type VerifiableStep, type Verification } from '@crossfade/steps';
import { suggestion } from '@crossfade/plan';
import { count } from '../count.ts';
import { Refusal } from '../exit-codes.ts';

export interface VerifiedStep extends Verification {
  readonly step: string;
  readonly type: string;
  readonly table: string;
  readonly rowsPerSecond: number;
}

export interface VerifyRun {
  readonly bound: BoundPlan;
  readonly run: RunState;
  readonly target: Target;
  readonly signal: AbortSignal;
  readonly workers: number;
  /** Goes on where a verification that was cut off had come to. */
  readonly resume: boolean;
  readonly tell: (line: string) => void;
}

/**
 * The steps that hold rows to compare: the named one, or all.
 * @throws Refusal for a step that is none of them, and where there are none: nothing compared is not "all is well".
 */
export function stepsToVerify(bound: BoundPlan, run: RunState, named: string | undefined): readonly string[] {
  const all = [...bound.steps.keys()].filter((id) => verifiableOf(bound, id) !== undefined);
  if (named === undefined) {
    if (all.length > 0) return all;
    throw new Refusal(
      `the plan of run ${run.runId} has no step of type backfill or reshape: there is nothing to verify`,
    );
  }
  const step = bound.steps.get(named);
  const meant = suggestion(named, all);
  const expected =
    all.length === 0 ? 'it has none of type backfill or reshape' : `expected ${all.join(', ')}`;
  if (!step)
    throw new Refusal(
      `the plan has no step ${named.slice(0, 100)}: ${expected}${meant === undefined ? '' : `; ${meant}`}`,
    );
  if (!all.includes(named))
    throw new Refusal(
      `step ${named} is of type ${step.type.type}, which has no rows to compare: ${expected}`,
    );
  return [named];
}

function verifiableOf({ steps }: BoundPlan, id: string): VerifiableStep | undefined {
  const found = steps.get(id);
  return found && asVerifiable(found.type, found.step.config);
}

const tellEveryMs = 2_000;

/** @throws the reason of the signal when it is told to stop. */
export async function verifyOne(id: string, given: VerifyRun): Promise<VerifiedStep> {
  const { bound, run, target, signal, workers, resume, tell } = given;
  const verifiable = verifiableOf(bound, id);
  if (!verifiable) throw new Error(`the step ${id} has no rows to compare`);
  const named = { step: id, type: verifiable.type, table: verifiable.config.table };
  const without = withoutRows[stepOf(run, id).status];
  if (without !== undefined) return { ...named, ...nothing, notVerified: without };
  let toldAtMs = systemClock.elapsedMs();
  const found = await verifyStep(verifiable, {
    runId: run.runId,
    stepId: id,
    signal,
    files: bound.files,
    target,
    clock: systemClock,
    random: systemRandom,
    workers,
    resume,
    report({ done, total }) {
      if (systemClock.elapsedMs() - toldAtMs < tellEveryMs) return;
      toldAtMs = systemClock.elapsedMs();
      tell(`${id}: ${count(done)}${total === null ? '' : ` of about ${count(total)}`} rows`);
    },
  });
  const rowsPerSecond = Math.round((found.compared / Math.max(1, found.tookMs)) * 1_000);
  return { ...named, ...found, rowsPerSecond };
}

/** Where there is nothing to compare, by how the step stands. */
const withoutRows: Readonly<Partial<Record<StepState['status'], string>>> = {
  pending: 'it has not begun',
  undone: 'it was taken back',
};

const nothing = {
  compared: 0,
  notDone: 0,
  quarantined: 0,
  different: 0,
  keys: [],
  tookMs: 0,
  rowsPerSecond: 0,
};
