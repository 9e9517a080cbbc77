import { spawnSync } from 'node:child_process';
import { chown, mkdir, mkdtemp, readdir, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { groundPrefix, removeAbandonedGrounds } from './abandoned-grounds.ts';

const somebodyElse = 65_534;
let parent: string;
beforeEach(async () => {
  parent = await mkdtemp(join(tmpdir(), 'crossfade-grounds-'));
});
afterEach(async () => await rm(parent, { recursive: true }));

/** The id of a process that has ended. */
function endedPid(): number {
  return spawnSync(process.execPath, ['--version']).pid;
}

async function ground(pid: number, suffix = 'abc'): Promise<string> {
  const name = `${groundPrefix}${pid}-${suffix}`;
  await mkdir(join(parent, name, 'server', 'data'), { recursive: true });
  await writeFile(join(parent, name, 'server', 'data', 'file'), '');
  return name;
}

describe('the folders of trials that were killed', () => {
  it('are removed, but for those of running ones and whatever else there is', async () => {
    await ground(endedPid());
    const running = await ground(process.pid);
    await mkdir(join(parent, `${groundPrefix}logs-1`));
    await removeAbandonedGrounds(parent);
    expect((await readdir(parent)).toSorted()).toEqual([running, `${groundPrefix}logs-1`].toSorted());
  });

  it('are left alone when they are of another account', async ({ skip }) => {
    skip(process.getuid?.() !== 0, 'only root can make a folder of another account');
    const foreign = await ground(endedPid());
    await chown(join(parent, foreign), somebodyElse, somebodyElse);
    await removeAbandonedGrounds(parent);
    expect(await readdir(parent)).toEqual([foreign]);
  });

  it('may be removed by two at once', async () => {
    const pid = endedPid();
    for (let count = 0; count < 20; count += 1) await ground(pid, String(count));
    await Promise.all([removeAbandonedGrounds(parent), removeAbandonedGrounds(parent)]);
    expect(await readdir(parent)).toEqual([]);
  });

  it('may be gone by the time they are looked at', async () => {
    const gone = `${groundPrefix}${endedPid()}-gone`;
    await symlink(join(parent, 'nowhere'), join(parent, gone));
    await removeAbandonedGrounds(parent);
    expect(await readdir(parent)).toEqual([gone]);
  });
});
