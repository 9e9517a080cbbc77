import {
  canonicalJson,
  TerminalError,
  type EffectOutcome,
  type Json,
  type JsonObject,
  type StepChange,
  type StepMove,
  type StepType,
  type StepView,
} from '@crossfade/engine';
import type { StepWorld } from './step-world.ts';

type Direction = 'forward' | 'undo';

/** What befalls each effect: it goes well, it is performed twice, or its first result is lost and a new leader comes. */
export type Fate = 'once' | 'twice' | 'crash before the result is recorded';

export type DriveEnd =
  | { readonly end: 'done'; readonly summary: string; readonly facts: JsonObject; readonly data: Json }
  | { readonly end: 'failed'; readonly reason: string; readonly data: Json };

export interface DriveOptions {
  readonly direction: Direction;
  readonly fate: Fate;
  /** What the step had left when it was taken back. */
  readonly data?: Json;
  /** Called for each move before it is carried out. */
  readonly onMove?: (move: StepMove) => void;
}

const mostMoves = 200;

/** Lets a step move until it is done or has failed, as the engine and the controller would. */
export async function driveStep<Config>(
  type: StepType<Config>,
  config: Config,
  world: StepWorld,
  options: DriveOptions,
): Promise<DriveEnd> {
  let data: Json = options.data ?? null;
  let outcome: EffectOutcome | null = null;
  let effects = 0;
  const startedAtMs = world.nowMs;
  for (let moves = 0; moves < mostMoves; moves += 1) {
    const view: StepView<Config> = world.view(config, throughJournal(data), outcome, startedAtMs);
    const move: StepMove = options.direction === 'forward' ? type.forward(view) : type.undo(view);
    options.onMove?.(move);
    switch (move.move) {
      case 'done':
        return { end: 'done', summary: move.summary, facts: move.facts, data };
      case 'fail':
        return { end: 'failed', reason: move.reason, data };
      case 'wait':
        passTime(world, move);
        break;
      case 'progress':
        [data, outcome] = [move.data, null];
        for (const change of move.changes) applyChange(world, change);
        break;
      case 'effect': {
        data = move.data;
        effects += 1;
        const key = `${world.runId}/${world.stepId}/${options.direction}/${effects}`;
        const call = { key, kind: move.kind, input: throughJournal(move.input), config };
        outcome = await performWithFate(type, call, world, options.fate);
        break;
      }
    }
  }
  throw new Error(`the step made ${mostMoves} moves without coming to an end`);
}

type Call<Config> = Parameters<StepType<Config>['perform']>[0];

async function performWithFate<Config>(
  type: StepType<Config>,
  call: Call<Config>,
  world: StepWorld,
  fate: Fate,
): Promise<EffectOutcome> {
  try {
    if (fate !== 'once') await performWithRetries(type, call, world);
    // A new leader has a larger token, and the old one's result is nowhere.
    if (fate === 'crash before the result is recorded') world.token += 1;
    const result = await performWithRetries(type, call, world);
    return { status: 'succeeded', result: throughJournal(result), activeMs: 1, attempts: 1 };
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    return { status: 'failed', error: message, activeMs: 1, attempts: 1 };
  }
}

const mostAttempts = 3;

/** What is not final is tried again, as when the server ended a transaction that stood still on a busy machine. */
async function performWithRetries<Config>(
  type: StepType<Config>,
  call: Call<Config>,
  world: StepWorld,
): Promise<Json> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await type.perform(call, world.context());
    } catch (error) {
      if (error instanceof TerminalError || attempt >= mostAttempts) throw error;
    }
  }
}

function passTime(world: StepWorld, move: Extract<StepMove, { move: 'wait' }>): void {
  const forRealMs = move.untilMs === null ? Infinity : move.untilMs - world.nowMs;
  const forPlanMs = move.untilPlanMs === null ? Infinity : (move.untilPlanMs - world.planNowMs) / world.speed;
  const durationMs = Math.min(forRealMs, forPlanMs);
  if (durationMs === Infinity) throw new Error(`the step waits for ever: ${move.reason}`);
  if (durationMs <= 0) throw new Error(`the step waits for a moment that is past: ${move.reason}`);
  world.passRealTime(Math.ceil(durationMs));
}

function applyChange(world: StepWorld, change: StepChange): void {
  if (change.change === 'exposure') world.exposures = { ...world.exposures, [change.flag]: change.audiences };
  else world.parameters = { ...world.parameters, [change.parameter]: change.value };
}

/** What the journal cannot hold does not survive a restart. */
function throughJournal(value: Json): Json {
  const read: Json = JSON.parse(canonicalJson(value));
  return read;
}
