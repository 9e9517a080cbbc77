import { rmSync } from 'node:fs';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { Client } from 'pg';
import { afterAll, afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { captured } from '../testing/captured-output.ts';
import { crossfadeHere } from '../testing/crossfade-here.ts';
import { startCrossfade, type CrossfadeProcess } from '../testing/crossfade-process.ts';
import { smallPlanYaml, writeSmallPlan } from '../testing/small-plan.ts';
import { until } from '../testing/until.ts';
import { pauseCommand } from './pause.ts';
import { promoteCommand } from './promote.ts';
import { resumeCommand } from './resume.ts';
import { rollbackCommand } from './rollback.ts';
import { statusCommand } from './status.ts';

const folder = vi.hoisted(() => {
  process.env['CROSSFADE_FOLDER'] = `${process.env['TMPDIR'] ?? '/tmp'}/crossfade-operators-${process.pid}`;
  process.env['CROSSFADE_ACTOR'] = 'ana';
  delete process.env['DATABASE_URL'];
  return process.env['CROSSFADE_FOLDER'];
});

/** The small plan with rows to fill, one at a time, before anybody sees anything. */
const fillingPlan = {
  'plan.yaml': smallPlanYaml.replace(
    '      - id: open',
    `      - id: fill
        type: backfill
        title: Fill it
        after: [table]
        table: public.small_things
        key: id
        set: { name: "'thing ' || id" }
        where: name IS NULL
        batch_size: 1
        pace: { rows: 1, every: 1s }
        dual_write: application
        undo: keep
      - id: open`,
  ),
  'sql/001.sql': `CREATE TABLE public.small_things (id integer PRIMARY KEY, name text);
INSERT INTO public.small_things (id) SELECT generate_series(1, 2000);
-- crossfade:undo
DROP TABLE IF EXISTS public.small_things;
`,
};

let database: Awaited<ReturnType<typeof createTestDatabase>>;
let client: Client;
const plans: string[] = [];
const running: CrossfadeProcess[] = [];
beforeEach(async () => {
  database = await createTestDatabase();
  client = new Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  for (const { process: child, ended } of running.splice(0)) {
    child.kill('SIGKILL');
    await ended;
  }
  for (const plan of plans.splice(0)) rmSync(plan, { recursive: true, force: true });
  await client.end();
  await database.drop();
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const commands = {
  pause: (reason = 'looks odd') =>
    captured((output) => pauseCommand.execute(output, { database: database.url, reason })),
  resume: (reason = 'it was nothing') =>
    captured((output) => resumeCommand.execute(output, { database: database.url, reason })),
  promote: (step?: string) =>
    captured((output) =>
      promoteCommand.execute(
        output,
        { database: database.url, reason: 'all is well' },
        ...(step === undefined ? [] : [step]),
      ),
    ),
  status: () => captured((output) => statusCommand.execute(output, { database: database.url })),
  rollback: () =>
    captured((output) => rollbackCommand.execute(output, { database: database.url, reason: 'it is odd' })),
};

async function one<T>(text: string): Promise<T | undefined> {
  return (await client.query<{ value: T }>(`SELECT (${text}) AS value`)).rows[0]?.value;
}

function start(plan: string, speed: number): CrossfadeProcess {
  const given = ['--speed', String(speed), '--lease-ms', '1500', '--no-report'];
  const run = startCrossfade('run', plan, ...given, '--database', database.url);
  running.push(run);
  return run;
}

function aPlan(changes: Readonly<Record<string, string>> = {}): string {
  const plan = writeSmallPlan(changes);
  plans.push(plan);
  return plan;
}

/** The journal tells this of the newest run. */
async function journalled(pattern: string): Promise<void> {
  await until(`${pattern} in the journal`, async () => {
    const ended = running.find((run) => run.process.exitCode !== null);
    if (ended) throw new Error(`the run has ended: ${ended.stdout()}${ended.stderr()}`);
    if ((await one<string | null>(`to_regclass('crossfade.journal')::text`)) === null) return undefined;
    const found = await one<boolean>(`EXISTS (SELECT FROM crossfade.journal WHERE body LIKE '%${pattern}%')`);
    return found === true ? true : undefined;
  });
}

const atTheWait = '"step":"pause","type":"step.waiting"';

describe('pause and resume', { timeout: 120_000 }, () => {
  it('hold a run that nobody carries out, whoever takes it up, and let it go on', async () => {
    const plan = aPlan();
    const first = start(plan, 1);
    await journalled(atTheWait);
    expect((await commands.status()).data).toMatchObject({
      leader: { holder: expect.stringContaining(`/${first.process.pid}/`), sinceMs: expect.any(Number) },
      pause: null,
    });
    expect((await commands.status()).text).toMatch(/Carried out by \S+ for .*; its lease runs out in \d/);
    expect((await commands.status()).text).toMatch(/▸ running +only +pause +waits until week /);
    first.process.kill('SIGTERM');
    expect((await first.ended).code).toBe(4);
    running.splice(0);
    expect((await commands.status()).text).toContain(
      'Nobody carries this run out; plan time goes on. Start: crossfade run PLAN (the folder of small)',
    );

    const paused = await commands.pause();
    expect(paused.text).toContain('is paused: looks odd');
    expect(paused.text).toContain('no guardrail watches either');
    const again = await commands.pause('once more');
    expect(again).toMatchObject({ code: 0, text: expect.stringContaining('Nothing was changed.') });
    const by = { by: 'ana', reason: 'looks odd' };
    expect(again.data).toMatchObject({ paused: true, changed: false, leader: null, pause: by });
    expect((await commands.status()).text).toMatch(/Small is paused\.[\s\S]*by ana: looks odd/);

    const second = start(plan, 1);
    await until('the warning', () => (second.stderr().includes('stays so') ? true : undefined));
    expect(await commands.promote()).toMatchObject({
      code: 2,
      text: expect.stringContaining('the run is paused (looks odd)'),
    });
    expect((await commands.resume()).data).toMatchObject({ changed: true, paused: false });
    expect((await commands.resume()).data).toMatchObject({ changed: false });
    expect((await commands.promote()).data).toMatchObject({ step: 'pause', changed: true });
    const end = await second.ended;
    expect(end, end.stdout).toMatchObject({ code: 0 });
    expect(end.stdout).toContain('resumed by ana: it was nothing');
  });

  it('stop a backfill in its middle and let it go on from there; a roll-back needs no resume', async () => {
    const run = start(aPlan(fillingPlan), 40);
    const filled = async () => Number(await one<string>('SELECT count(name) FROM public.small_things'));
    await journalled('"step":"fill","type":"effect.requested"');
    await until('some rows', async () => ((await filled()) > 0 ? true : undefined));
    const { data, text } = await commands.pause();
    expect(data).toMatchObject({ changed: true, leader: { holder: expect.any(String) } });
    expect(text).toContain('fill stops now');
    await until('the controller to hear of it', () =>
      run.stdout().includes('paused by ana') ? true : undefined,
    );
    // Twenty rows are due between two looks: it stands still as soon as they see the same.
    const stillAt = await until('a standstill', async () => {
      const before = await filled();
      await one('SELECT pg_sleep(0.5)::text');
      return (await filled()) === before ? before : undefined;
    });
    expect(stillAt).toBeLessThan(2_000);
    expect((await commands.status()).data).toMatchObject({
      run: { steps: { fill: { status: 'running', pendingEffect: { kind: 'fill' } } } },
    });

    await commands.resume();
    await until('more rows', async () => ((await filled()) > stillAt ? true : undefined));
    await commands.pause();
    expect((await commands.rollback()).code).toBe(0);
    expect((await run.ended).code).toBe(3);
    expect(await one<string | null>(`to_regclass('public.small_things')::text`)).toBeNull();
  });
});

describe('promote', { timeout: 120_000 }, () => {
  const two = smallPlanYaml.replace(
    '      - id: pause',
    `      - id: other
        type: wait
        title: Another wait
        after: [open]
        for: 2h
      - id: pause`,
  );

  it('refuses to choose among several waits, and waives the one that is named', async () => {
    const run = start(aPlan({ 'plan.yaml': two }), 1);
    await journalled(atTheWait);
    await journalled(atTheWait.replace('pause', 'other'));
    const several = await commands.promote();
    expect(several.code).toBe(2);
    expect(several.text).toMatch(/say which one, of other \(waits until .*\), pause \(waits until/);
    expect((await commands.promote('nothing')).text).toMatch(
      /^nothing is no step of this plan\. other: waits until .*\. pause: waits until/,
    );
    expect((await commands.promote('table')).text).toContain('table waits for nothing now');

    expect((await commands.promote('other')).text).toContain('Waived for other: waits until');
    await journalled('"step":"other","summary":"an operator waived the last');
    expect((await commands.promote()).text).toContain('Waived for pause');
    const end = await run.ended;
    expect(end, end.stdout).toMatchObject({ code: 0 });
    expect(end.stdout).toMatch(/other: ana waived a wait \(waits until .*\): all is well/);
  });

  const gated = smallPlanYaml
    .replace(
      'groups:',
      `gates:
  quick: { type: threshold, title: Quick, measure: share_above, histogram: seconds, edge: 1, at_most: 5%, window: 5s }
groups:`,
    )
    .replace('[{ group: all, gates: [] }]', '[{ group: all, bake: 1h, gates: [quick] }]');

  it('waives a bake, and no gate', async () => {
    const run = start(aPlan({ 'plan.yaml': gated }), 1);
    await journalled('bakes until');
    const waived = await commands.promote();
    expect(waived.text).toContain('Waived for open: all bakes until');
    expect(waived.text).toContain('gates must pass all the same, on fresh measurements: quick');
    await journalled('all: gate quick is ');
    const again = await commands.promote('open');
    expect(again.text).toMatch(/waived already; now it waits: all: gate quick .*Nothing was changed/);
    run.process.kill('SIGTERM');
    await run.ended;
    expect((await commands.status()).data).toMatchObject({ run: { steps: { open: { status: 'running' } } } });
  });
});

describe('where there is nothing to command', { timeout: 60_000 }, () => {
  it('all three refuse, before a run and after it, and say why', async () => {
    const given = Object.entries({
      pause: commands.pause,
      resume: commands.resume,
      promote: commands.promote,
    });
    for (const [deed, command] of given) {
      const before = await command();
      expect(before.code).toBe(2);
      expect(before.text).toBe(`no plan has been run on this database yet: nothing to ${deed}`);
    }
    const plan = ['run', aPlan(), '--speed', '100000', '--no-report'];
    const run = await crossfadeHere(...plan, '--database', database.url);
    expect(run, run.stderr).toMatchObject({ code: 0 });
    for (const [deed, command] of given) {
      expect((await command()).text).toMatch(new RegExp(`^run \\S+ is completed: nothing to ${deed}$`));
    }
    expect((await commands.rollback()).code).toBe(0);
    for (const [deed, command] of given)
      expect((await command()).text).toContain(`was taken back: nothing to ${deed}`);
  });
});
