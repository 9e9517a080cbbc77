import { setTimeout as sleep } from 'node:timers/promises';
import { until } from '../until.ts';
import { duringARun } from './during-a-run.ts';
import { firstLineOf } from './kill-controller.ts';
import { drawEarlyWrite, type WritePoint } from './milestones.ts';
import { atMoment, drawMoment, drawSeveral, type Moment } from './moment.ts';
import { leaseMs, type Scene } from './scene.ts';
import type { SupervisedController } from './supervised-controller.ts';

/** A transaction that the stopped one has open ends after 5 s at the latest, and lets the lease go. */
const takeOverLimitMs = 60_000;

/** The stopped one wakes up when another one has led for so long, or has brought the run to its end. */
async function wakeAfterTakeOver(
  scene: Scene,
  stopped: SupervisedController,
  afterwardsMs: number,
): Promise<void> {
  try {
    await untilTakenOver(scene, stopped);
    await sleep(afterwardsMs);
  } finally {
    stopped.signal('SIGCONT');
    const leader = await scene.leader();
    scene.done.push(`${stopped.name} woken while ${leader?.name ?? 'nobody'} leads`);
  }
}

/** Until another one leads, or none is left that could. */
async function untilTakenOver(scene: Scene, stopped: SupervisedController): Promise<void> {
  await until(
    'the other controller to lead',
    async () => {
      if (scene.isOverFor(stopped)) return true;
      const leader = await scene.leader();
      return (leader && leader !== stopped) || undefined;
    },
    takeOverLimitMs,
  );
}

interface Pause {
  readonly at: Moment;
  /** How long another one leads before it wakes up. */
  readonly afterwardsMs: number;
}

export const controllerPaused = duringARun<Pause>({
  name: 'controller-paused',
  about:
    'the leader is stopped (SIGSTOP) beyond its lease, another one takes over, then it wakes up (SIGCONT)',
  setting: { controllers: 2 },
  draw: (random) => ({ at: drawMoment(random), afterwardsMs: random.between(0, 2 * leaseMs) }),
  async inflict(scene, { at, afterwardsMs }) {
    let leader: SupervisedController | undefined;
    await atMoment(scene, at, async (when) => {
      leader = await until('a leader', async () => await scene.leader());
      if (!leader.signal('SIGSTOP')) throw new Error(`${leader.name} was gone when it was to be stopped`);
      scene.done.push(`${leader.name} stopped ${when}`);
    });
    if (leader) await wakeAfterTakeOver(scene, leader, afterwardsMs);
  },
});

interface LateWrite {
  readonly write: WritePoint;
  /** It arrives while the other one, which leads by then, is about to make its nth write. */
  readonly othersNth: number;
}

export const writeArrivesLate = duringARun<LateWrite>({
  name: 'write-arrives-late',
  about: 'the leader is stopped with a write of its own on the way, which arrives when another one leads',
  setting: { controllers: 2 },
  draw: (random) => ({ write: drawEarlyWrite(random), othersNth: random.between(1, 8) }),
  async inflict(scene, { write, othersNth }) {
    await scene.atWrite(write, async ({ controller, sql }) => {
      if (!controller.signal('SIGSTOP'))
        throw new Error(`${controller.name} was gone when it was to be stopped`);
      scene.done.push(`${controller.name} stopped with a write on the way (${firstLineOf(sql)})`);
      await wakeWhileOtherWrites(scene, controller, othersNth);
      return 'go on' as const;
    });
  },
});

/**
 * The other one is held at a write of its own until this one is awake: it leads for certain then, and has more to do.
 * @throws Error when it does not.
 */
async function wakeWhileOtherWrites(
  scene: Scene,
  stopped: SupervisedController,
  othersNth: number,
): Promise<void> {
  try {
    await untilTakenOver(scene, stopped);
    if (scene.isOverFor(stopped)) throw new Error('the run was over before the write arrived');
    await scene.atWrite({ after: null, nth: othersNth }, async ({ controller: other, isLast }) => {
      if (isLast || other === stopped || (await scene.leader()) !== other)
        throw new Error(`no other one than ${stopped.name} leads when its write arrives`);
      stopped.signal('SIGCONT');
      scene.done.push(`${stopped.name} woken while ${other.name} leads`);
      return 'go on' as const;
    });
  } finally {
    stopped.signal('SIGCONT');
  }
}

interface Kill {
  /** Of two: 0 or 1. */
  readonly index: number;
  readonly at: Moment;
}

export const twoControllers = duringARun<readonly Kill[]>({
  name: 'two-controllers',
  about: 'two controllers from the start; one of them is killed now and then',
  setting: { controllers: 2 },
  draw: (random) =>
    drawSeveral(random, [0, 2], () => ({ index: random.between(0, 1), at: drawMoment(random) })),
  async inflict(scene, kills) {
    scene.done.push('two controllers started together');
    for (const { index, at } of kills) {
      const came = await atMoment(scene, at, async (when) => {
        const victim = scene.controllers[index];
        const isKilled = await until(
          'a controller to kill',
          () => victim?.hasEnded === false && (victim.signal('SIGKILL') || undefined),
        );
        if (isKilled) scene.done.push(`${victim?.name} killed ${when}`);
      });
      if (!came) return;
    }
  },
});
