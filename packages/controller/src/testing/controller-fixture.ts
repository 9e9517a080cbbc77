import type { BoundPlan, ControlStore, JournalEntry, Metrics, RunEvent, Target } from '@crossfade/engine';
import type { ControllerEnd, ControllerOptions } from '../controller-options.ts';
import { appendOperatorCommand } from '../operator-command.ts';
import { runController } from '../run-controller.ts';
import { systemClock, systemRandom } from '../system-ports.ts';

const unused = async (): Promise<never> => {
  throw new Error('the steps of these tests do not use it');
};
const target: Target = { withConnection: unused };
const metrics: Metrics = { counterIncrease: unused, histogramIncrease: unused, ask: unused };

export interface RunningController {
  readonly ended: Promise<ControllerEnd>;
  stop(): void;
}

/** Starts a controller over a store; retries are quick. */
export function startController(
  store: ControlStore,
  bound: BoundPlan,
  given: Partial<ControllerOptions> = {},
): RunningController {
  const stopping = new AbortController();
  const ended = runController({
    store,
    bound,
    target,
    metrics,
    notifier: { send: unused },
    clock: systemClock,
    random: systemRandom,
    holder: 'controller-1',
    signal: stopping.signal,
    effectRetry: { attempts: 3, baseMs: 1, capMs: 5, awayMs: 30_000 },
    ...given,
  });
  return { ended, stop: () => stopping.abort() };
}

/** A run that began now, at real speed unless told otherwise. */
export async function startRun(
  store: ControlStore,
  bound: BoundPlan,
  { runId = 'run-1', speed = 1 }: { runId?: string; speed?: number } = {},
): Promise<void> {
  const event: RunEvent = {
    type: 'run.started',
    plan: bound.plan.name,
    planDigest: bound.digest,
    speed,
    week1IsoDate: '2026-01-05',
    planStartOffsetMs: 9 * 60 * 60 * 1_000,
  };
  await appendOperatorCommand({ store, plan: bound.plan }, () => [{ runId, actor: 'test', event }]);
}

/** An operator's command about the newest run. */
export async function command(
  store: ControlStore,
  bound: BoundPlan,
  event: RunEvent,
): Promise<readonly JournalEntry[]> {
  return await appendOperatorCommand({ store, plan: bound.plan }, ({ run }) => [
    { runId: run?.runId ?? 'none', actor: 'operator', event },
  ]);
}

export async function eventsOf(store: ControlStore): Promise<readonly RunEvent[]> {
  return (await store.readJournal(0)).map(({ event }) => event);
}

export async function eventTypes(store: ControlStore): Promise<readonly RunEvent['type'][]> {
  return (await eventsOf(store)).map(({ type }) => type);
}

interface FlagDocument {
  readonly flags: Readonly<
    Record<string, { variants: Record<string, unknown>; targeting?: unknown; defaultVariant: string }>
  >;
}

/** The published variant of each flag for somebody outside every fractional share. */
export async function publishedFlags(store: ControlStore): Promise<Readonly<Record<string, unknown>>> {
  return answersOf((await store.readFlagDocument())?.document ?? '{"flags":{}}');
}

/** The same of any document. */
export function answersOf(document: string): Readonly<Record<string, unknown>> {
  const { flags } = JSON.parse(document) as FlagDocument;
  return Object.fromEntries(
    Object.entries(flags).map(([key, flag]) => [key, flag.targeting ?? flag.variants[flag.defaultVariant]]),
  );
}
