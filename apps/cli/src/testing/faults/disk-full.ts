import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { duringARun } from './during-a-run.ts';
import type { Ground } from './ground.ts';
import { atMoment, drawMoment, type Moment } from './moment.ts';
import type { OwnServer } from './own-server.ts';
import type { Scene } from './scene.ts';
import { fillDisk, mountSmallDisk, obstacleToMounting, unmount } from './small-disk.ts';

async function startOnSmallDisk(ground: Ground, trial: string): Promise<OwnServer> {
  const directory = await mountSmallDisk(join(ground.folder, trial));
  try {
    return await ground.startOwnServer(directory, async () => await unmount(directory));
  } catch (error) {
    await unmount(directory);
    throw error;
  }
}

interface Full {
  readonly at: Moment;
  readonly durationMs: number;
}

export const diskFull = duringARun<Full>({
  name: 'disk-full',
  about: "the disk of the database's server is full for a time",
  unavailable: obstacleToMounting,
  // A server that cannot write its log any more ends.
  setting: { startServer: startOnSmallDisk, serverMayEnd: true },
  requestsMayFail: true,
  draw: (random) => ({ at: drawMoment(random), durationMs: random.between(500, 5_000) }),
  async inflict(scene, { at, durationMs }) {
    const { server } = scene;
    if (!server) throw new Error('the scene has no server of its own');
    let free: (() => Promise<void>) | undefined;
    const came = await atMoment(scene, at, async (when) => {
      free = await fillDisk(server.directory);
      scene.done.push(`disk full for ${durationMs} ms ${when}`);
      scene.done.push(await askForSpace(scene));
    });
    if (!came || !free) return;
    await sleep(durationMs);
    await free();
    await server.comesBack();
  },
});

/**
 * Somebody needs a lot of space at once: what is there already does not save everybody. Returns how that was refused.
 * @throws Error when it was not: then the disk is not full.
 */
async function askForSpace(scene: Scene): Promise<string> {
  const answer = await scene.direct
    .query('create table public.ballast as select generate_series(1, 500000)')
    .catch((error: unknown) => error);
  if (answer instanceof Error) return answer.message;
  throw new Error('the disk was filled, and the server still found space for 500,000 rows');
}
