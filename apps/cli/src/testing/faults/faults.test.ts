import { rmSync } from 'node:fs';
import { afterAll, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { firstSeeds } from '../soak-options.ts';
import { faults } from './catalogue.ts';
import { Ground } from './ground.ts';
import { controllerKilled } from './kill-controller.ts';
import { takenBack } from './kill-in-roll-back.ts';
import { fillBegins } from './milestones.ts';
import { regressions } from './regressions.ts';
import { sabotage, sendsRefused } from './sabotage.ts';
import { failureText, jobsOf, problemsOf, runOne } from './run-trials.ts';
import { undisturbedRun } from './undisturbed-run.ts';

const folder = vi.hoisted(() => {
  process.env['CROSSFADE_FOLDER'] = `${process.env['TMPDIR'] ?? '/tmp'}/crossfade-faults-logs-${process.pid}`;
  return process.env['CROSSFADE_FOLDER'];
});
/** One of each: two would take about twice as long, too much of the eight minutes that all tests may take. The soak tries more. */
const seeds = firstSeeds('CROSSFADE_FAULT_SEEDS', process.env['CROSSFADE_FAULT_SEEDS'] ?? '1');
const jobs = jobsOf(faults, seeds).map((job) => ({ ...job, name: job.fault.name }));

describe('a migration under load survives', { timeout: 400_000 }, () => {
  let ground: Ground;
  let hasFailed = false;
  beforeAll(async () => {
    ground = await Ground.prepare();
  }, 120_000);
  beforeEach(({ onTestFailed }) => onTestFailed(() => void (hasFailed = true)));
  afterAll(async () => {
    await ground.remove();
    if (hasFailed) process.stderr.write(`The logs of what failed are in ${folder}\n`);
    else rmSync(folder, { recursive: true, force: true });
  }, 60_000);

  it.concurrent('nothing at all: what every other run is compared with', async () => {
    const { frozenRows, outOfReach } = await undisturbedRun(ground);
    expect(frozenRows).toMatch(/^\d{3,}:/);
    expect(outOfReach, 'no accident can strike there').toEqual([]);
  });

  it.concurrent('that it is taken back, at whichever write something happens', async () => {
    expect((await takenBack.at(null).trial(ground)).problems).toEqual([]);
  });

  it.concurrent('that the write does not come at which something was to happen: it happens at the last one', async () => {
    const never = { after: fillBegins, nth: 1_000, moment: 'before' } as const;
    const { done, problems } = await controllerKilled.at([never]).trial(ground);
    expect(done).toEqual([expect.stringContaining('controller killed before its last write')]);
    expect(problems).toEqual([]);
  });

  it.concurrent('and whoever changes something behind its back is found out', async () => {
    const { problems, lost, duplicated } = await sabotage.at(null).trial(ground);
    expect({ lost, duplicated }).toEqual({ lost: 3, duplicated: 1 });
    expect(problems).toEqual(
      expect.arrayContaining([
        expect.stringContaining('acknowledged, and not stored'),
        expect.stringContaining('stored otherwise than acknowledged'),
        expect.stringContaining('1 messages are stored that nobody sent'),
        expect.stringContaining('completed, and schema is'),
        expect.stringContaining('completed, and frozenRows is'),
        'controller-1 ended of SIGKILL, which nobody here has sent',
      ]),
    );
  });

  it.concurrent('and whoever keeps people from writing ever again is found out', async () => {
    const { problems, failedRequests } = await sendsRefused.at(null).trial(ground);
    expect(problems).toEqual([expect.stringContaining('nothing was written any more when it was over')]);
    expect(failedRequests).toBeGreaterThan(0);
  });

  it.concurrent('accidents that can be kept: plain data, the same for the same seed', async () => {
    for (const { name, draw } of faults) {
      const [{ moments }, again] = [await draw(ground, 1), await draw(ground, 1)];
      expect(again.moments, name).toStrictEqual(moments);
      expect(JSON.parse(JSON.stringify(moments)), name).toStrictEqual(moments);
    }
  });

  it.concurrent.for([...regressions])('what once found that $found', async ({ accident }) => {
    const { trial, done, problems } = await accident.trial(ground);
    expect(problems, `${trial}: ${done.join('; ')}`).toEqual([]);
  });

  it.concurrent.for(jobs)('$name, seed $seed', async ({ fault, seed }, { skip }) => {
    const missing = await fault.unavailable?.();
    if (missing !== undefined) skip(`not run here: ${missing}`);
    const finished = await runOne(ground, { fault, seed });
    expect(problemsOf(finished), failureText(finished)).toEqual([]);
  });
});
