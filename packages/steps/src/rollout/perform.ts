import { TerminalError, type EffectCall, type JsonObject, type PerformContext } from '@crossfade/engine';
import { z } from 'zod';
import { admitMembers } from '../segments/admit-members.ts';
import { TooCostlyError } from '../segments/find-members.ts';
import { withTarget } from '../target/with-target.ts';
import type { RolloutConfig } from './config.ts';

/** Lets the people of a segment in, or says why that would cost the database too much. */
export async function performRollout(
  effect: EffectCall<RolloutConfig>,
  context: PerformContext,
): Promise<JsonObject> {
  if (effect.kind !== 'admit') throw new TerminalError(`rollout has no effect ${effect.kind}`);
  const { segment: id } = z.object({ segment: z.string() }).parse(effect.input);
  const segment = context.segments[id];
  if (!segment) throw new TerminalError(`step ${context.stepId}: the plan has no segment ${id}`);
  const { store, token } = context;
  try {
    const withConnection: Parameters<typeof admitMembers>[0]['withConnection'] = async (work) =>
      await withTarget(context, work);
    return { ...(await admitMembers({ id, segment, withConnection, store, token })) };
  } catch (error) {
    // Nothing is broken and nobody is hurt: the rollout waits, and nothing is taken back.
    if (error instanceof TooCostlyError) return { segment: id, refused: error.message };
    throw error;
  }
}
