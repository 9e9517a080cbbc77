import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import type { Bench } from '../bench.ts';
import { makePeople, shares } from './audience.ts';
import {
  crossfadeEvaluator,
  crossfadeProvider,
  flagdCore,
  growthBook,
  launchDarkly,
  unleash,
} from './contestants.ts';
import type { Contestant } from './contestants.ts';
import { liveFlags } from './live/live-flags.ts';
import { standardErrorsOff } from './standard-errors.ts';

const people = makePeople(2_000);
const measuredMs = 300;
const turns = 9;

/**
 * How many evaluations a second one flag with three segments and a percentage allows, beside the peers: in turns, so that a
 * busy moment meets all of them, and by the median turn. Then memory over ten million evaluations, how exact shares are, and
 * how soon a switched flag arrives and how fast a relay answers.
 */
export const flagsBench: Bench = async () => {
  const contestants = await Promise.all(
    [crossfadeEvaluator, crossfadeProvider, flagdCore, growthBook, launchDarkly, unleash].map(
      async (enter) => await enter(people),
    ),
  );
  const perSecond = await compare(contestants);
  const memory = memoryOverTenMillion(contestants[0]);
  for (const { close } of contestants) await close?.();
  const { crossfade = 0, flagdCore: core = 1 } = perSecond;
  const peers = Object.entries(perSecond).filter(([name]) => !name.startsWith('crossfade'));
  return {
    ...Object.fromEntries(Object.entries(perSecond).map(([name, rate]) => [`${name}PerSecond`, rate])),
    timesFlagdCore: ratio(crossfade, core),
    timesFastestPeer: ratio(crossfade, Math.max(...peers.map(([, rate]) => rate))),
    ...memory,
    largestDeviationInStandardErrors: standardErrorsOff(100_000),
    ...(await liveFlags()),
  };
};

const ratio = (a: number, b: number): number => Math.round((a / b) * 100) / 100;

async function compare(contestants: readonly Contestant[]): Promise<Record<string, number>> {
  const rates = new Map<string, number[]>(contestants.map(({ name }) => [name, []]));
  for (let turn = 0; turn <= turns; turn += 1) {
    for (const contestant of contestants) {
      const rate = await ratePerSecond(contestant);
      // The first turn warms up.
      if (turn > 0) rates.get(contestant.name)?.push(rate);
    }
    process.stderr.write(`turn ${turn} of ${turns}\n`);
  }
  const medianOf = (all: readonly number[]): number =>
    all.toSorted((a, b) => a - b)[Math.floor(all.length / 2)] ?? 0;
  return Object.fromEntries([...rates].map(([name, all]) => [name, Math.round(medianOf(all))]));
}

async function ratePerSecond({ name, ask }: Contestant): Promise<number> {
  const startedMs = performance.now();
  let asked = 0;
  let on = 0;
  while (performance.now() - startedMs < measuredMs) {
    on += await ask(5);
    asked += 5 * people.length;
  }
  const share = (on / asked) * 100;
  // All of them were set up for the same shares; whoever answers otherwise was asked something else.
  if (share < shares.everybody || share > 50)
    throw new Error(`${name} is on for ${share} %, expected some 25 %`);
  return (asked / (performance.now() - startedMs)) * 1_000;
}

function memoryOverTenMillion(contestant: Contestant | undefined): Record<string, number> {
  setFlagsFromString('--expose-gc');
  const collect = runInNewContext('gc') as () => void;
  const used = (): number => {
    collect();
    return process.memoryUsage().heapUsed;
  };
  const beforeBytes = used();
  const rounds = 10_000_000 / people.length;
  void contestant?.ask(rounds);
  return { heapGrowthKiBOverTenMillion: Math.round((used() - beforeBytes) / 1_024) };
}
