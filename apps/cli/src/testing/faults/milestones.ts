import type { Seeded } from './seeded.ts';

/** A part of an event by which it is known in the journal. */
export interface Milestone {
  readonly type: string;
  readonly step?: string;
  readonly flag?: string;
  readonly value?: number;
  readonly audiences?: readonly { readonly percentage: number; readonly segment: null }[];
}

const audiences = (percentage: number): Milestone => ({
  type: 'exposure.changed',
  flag: 'advanced_search',
  audiences: [{ percentage, segment: null }],
});
const requested = (step: string): Milestone => ({ type: 'effect.requested', step });
const completed = (step: string): Milestone => ({ type: 'step.completed', step });

/** A place in a run where something can be done to it. */
export interface Place {
  readonly milestone: Milestone;
  /**
   * So many writes of the controller after it can be hit: more than lie between it and the next place, so that every write of a
   * run can be, also when a slow machine renews the lease more often meanwhile.
   */
  readonly writes: number;
  /** Little time may be left after it. */
  readonly isLate: boolean;
}

/** What every run of the ten-second plan passes when nobody disturbs it, up to two seconds before its end at the least. */
const early = (milestone: Milestone, writes: number): Place => ({ milestone, writes, isLate: false });
/** What every run passes on the rest of its way; how soon the end comes then, nobody knows. */
const late = (milestone: Milestone, writes: number): Place => ({ milestone, writes, isLate: true });

/** Where there is little to do yet, and another controller that takes over has much left. */
const beginning = [
  early({ type: 'controller.started' }, 4),
  early(requested('index'), 36),
  early(completed('index'), 12),
  early(requested('column'), 26),
  early(completed('column'), 26),
  early(requested('fill'), 48),
] as const;

export const places = [
  ...beginning,
  early(completed('fill'), 12),
  early(completed('tell'), 8),
  early(audiences(20), 8),
  early({ type: 'parameter.changed', value: 100 }, 8),
  early(audiences(100), 8),
  late(requested('warm'), 4),
  late(completed('warm'), 12),
  late(completed('rollout'), 5),
  late(requested('verify-data'), 5),
  late({ type: 'run.completed' }, 1),
] as const satisfies readonly Place[];

/** Where there is something to take back, and time left to do it. */
export const placesWithWorkDone = [
  completed('column'),
  requested('fill'),
  completed('fill'),
  audiences(20),
  audiences(100),
] as const;

/** What every run passes on its way back from there. */
export const wayBack = [
  late({ type: 'rollback.requested' }, 5),
  late({ type: 'rollback.started' }, 8),
  late({ type: 'step.undo_started', step: 'column' }, 12),
  late({ type: 'step.undo_started', step: 'index' }, 20),
  late({ type: 'rollback.completed' }, 1),
] as const satisfies readonly Place[];

/** With one of them in the journal, all that a controller still writes is that it leads no more. */
export const endsOfRun: readonly Milestone[] = [
  { type: 'run.completed' },
  { type: 'rollback.completed' },
  { type: 'rollback.failed' },
];

export const fillBegins = requested('fill');
export const everyMilestone: readonly Milestone[] = places.map(({ milestone }) => milestone);

export function drawPlace(random: Seeded): Place {
  return random.pick<Place>(places);
}

/** One write of a controller: the nth one after a milestone, or of all when there is none. */
export interface WritePoint {
  readonly after: Milestone | null;
  readonly nth: number;
}

/** So many can be hit before a controller leads: more than are needed to make its tables and to begin the run. */
export const writesBeforeItLeads = 8;

export function drawWrite(random: Seeded): WritePoint {
  if (random.between(0, places.length) === 0)
    return { after: null, nth: random.between(1, writesBeforeItLeads) };
  return drawWriteAt(random, places);
}

/** While another controller has much left to do. */
export function drawEarlyWrite(random: Seeded): WritePoint {
  return drawWriteAt(random, beginning);
}

export function drawWriteOnTheWayBack(random: Seeded): WritePoint {
  return drawWriteAt(random, wayBack);
}

function drawWriteAt(random: Seeded, from: readonly [Place, ...Place[]]): WritePoint {
  const { milestone, writes } = random.pick<Place>(from);
  return { after: milestone, nth: random.between(1, writes) };
}

/** As people read it; without one, of all. */
export function nameOf(milestone: Milestone | null): string {
  if (!milestone) return 'the beginning';
  const { type, step, flag, value, audiences: [audience] = [] } = milestone;
  const share = audience === undefined ? undefined : `${audience.percentage} %`;
  return [type, step, flag, value, share].filter((part) => part !== undefined).join(' ');
}
