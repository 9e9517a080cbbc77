import { setTimeout as sleep } from 'node:timers/promises';
import type { FaultProxy } from '@crossfade/local-postgres/testing';
import { duringARun } from './during-a-run.ts';
import type { Fault } from './fault.ts';
import { atMoment, drawMoment, type Moment } from './moment.ts';
import { leaseMs, type Scene } from './scene.ts';
import type { Seeded } from './seeded.ts';

interface Trouble {
  readonly word: string;
  readonly about: string;
  readonly begin: (proxy: FaultProxy, { delayMs }: BadNetwork) => void;
  readonly drawDurationMs: (random: Seeded) => number;
}

interface BadNetwork {
  readonly at: Moment;
  readonly durationMs: number;
  /** Of each answer, where it is slow. */
  readonly delayMs: number;
}

const troubles: readonly Trouble[] = [
  {
    word: 'cut',
    about: 'ended, and new connections are refused for a time',
    begin: (proxy) => proxy.cut(),
    drawDurationMs: (random) => random.between(100, 2 * leaseMs),
  },
  {
    word: 'stalled',
    about: 'half-open: no byte comes through and nothing ends, for a time',
    begin: (proxy) => proxy.stall(),
    drawDurationMs: (random) => random.between(leaseMs / 2, 4 * leaseMs),
  },
  {
    word: 'slow',
    about: 'slow: each answer comes late, for a time',
    begin: (proxy, { delayMs }) => proxy.slow(delayMs),
    drawDurationMs: (random) => random.between(1_000, 5_000),
  },
];

interface Victim {
  readonly word: string;
  readonly about: string;
  readonly proxyOf: (scene: Scene) => FaultProxy;
  readonly requestsMayFail: boolean;
}

const victims: readonly Victim[] = [
  {
    word: 'controller',
    about: "the controller's connections to its database are",
    requestsMayFail: false,
    proxyOf: ({ toControllers: [proxy] }) => {
      if (!proxy) throw new Error('the scene has no controller');
      return proxy;
    },
  },
  {
    word: 'parley',
    about: "Parley's connections to its database are",
    requestsMayFail: true,
    proxyOf: ({ toParley }) => toParley,
  },
];

/** What a bad network does to the connections of one side. */
function networkFault(victim: Victim, trouble: Trouble): Fault {
  return duringARun<BadNetwork>({
    name: `${victim.word}-${trouble.word}`,
    about: `${victim.about} ${trouble.about}`,
    requestsMayFail: victim.requestsMayFail,
    draw: (random) => ({
      at: drawMoment(random),
      durationMs: trouble.drawDurationMs(random),
      delayMs: random.between(20, 150),
    }),
    async inflict(scene, network) {
      const proxy = victim.proxyOf(scene);
      const { at, durationMs } = network;
      const came = await atMoment(scene, at, (when) => {
        const carried = proxy.connections();
        if (carried === 0) throw new Error(`the ${victim.word} had no connection ${when}`);
        trouble.begin(proxy, network);
        scene.done.push(
          `${victim.word}'s ${carried} connections ${trouble.word} for ${durationMs} ms ${when}`,
        );
      });
      if (!came) return;
      await sleep(durationMs);
      proxy.heal();
    },
  });
}

export const networkFaults: readonly Fault[] = victims.flatMap((victim) =>
  troubles.map((trouble) => networkFault(victim, trouble)),
);
