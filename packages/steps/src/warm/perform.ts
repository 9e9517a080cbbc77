import { TerminalError, type EffectCall, type JsonObject, type PerformContext } from '@crossfade/engine';
import { z } from 'zod';
import type { Labels, WarmConfig } from './config.ts';

/** Measures how often the cache helped in a window of database time; a reading may be taken any number of times. */
export async function performWarm(
  effect: EffectCall<WarmConfig>,
  { metrics }: PerformContext,
): Promise<JsonObject> {
  if (effect.kind !== 'measure') throw new TerminalError(`warm has no effect ${effect.kind}`);
  const window = z.object({ fromMs: z.number(), toMs: z.number() }).parse(effect.input);
  const { metric, hit, of } = effect.config.hit_rate;
  const growth = async (labels: Labels): Promise<number> => {
    let sum = 0;
    for (const single of expandLabels(labels)) {
      sum += (await metrics.counterIncrease({ metric, labels: single, ...window })).value;
    }
    return sum;
  };
  const [hits, lookups, all] = [await growth(hit), await growth(of), await growth({})];
  return {
    hitRatePercent: lookups > 0 ? (hits / lookups) * 100 : null,
    ofAllPercent: all > 0 ? (hits / all) * 100 : null,
    lookups,
    allLookups: all,
  };
}

/** `{ result: [hit, miss] }` → `{ result: hit }` and `{ result: miss }`. */
function expandLabels(labels: Labels): readonly Readonly<Record<string, string>>[] {
  let expanded: Record<string, string>[] = [{}];
  for (const [label, given] of Object.entries(labels)) {
    const values = typeof given === 'string' ? [given] : given;
    expanded = expanded.flatMap((before) => values.map((value) => ({ ...before, [label]: value })));
  }
  return expanded;
}
