import { rmSync } from 'node:fs';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, vi } from 'vitest';
import { checkPlan } from './catalogs.ts';
import { auditCommand } from './commands/audit.ts';
import { flagsCommand } from './commands/flags.ts';
import { pauseCommand } from './commands/pause.ts';
import { promoteCommand } from './commands/promote.ts';
import { reportCommand } from './commands/report.ts';
import { rollbackCommand } from './commands/rollback.ts';
import { runCommand } from './commands/run.ts';
import { statusCommand } from './commands/status.ts';
import { validateCommand } from './commands/validate.ts';
import { withPreparedStore } from './control.ts';
import { createOutput, type Output } from './output.ts';
import { readPlanFolder } from './plan-folder.ts';
import { createProgram } from './program.ts';
import { startRun } from './start-run.ts';
import { smallPlanYaml, writeSmallPlan } from './testing/small-plan.ts';
import { visibleLength } from './wrap-text.ts';

const folder = vi.hoisted(() => {
  process.env['CROSSFADE_FOLDER'] = `${process.env['TMPDIR'] ?? '/tmp'}/crossfade-terminal-${process.pid}`;
  delete process.env['DATABASE_URL'];
  return process.env['CROSSFADE_FOLDER'];
});
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const width = 80;

/** Lines that are too wide, but for those that are one word that cannot be broken, such as a path. */
function tooWide(text: string): string[] {
  return text
    .split('\n')
    .filter((line) => visibleLength(line) > width && line.trim().replace(/^\S /, '').includes(' '));
}

/** What a command writes at a terminal of 80 columns. */
async function shown(perform: (output: Output) => Promise<number>, quiet = false): Promise<string> {
  let text = '';
  const write = vi.spyOn(process.stdout, 'write').mockImplementation((chunk) => {
    text += String(chunk);
    return true;
  });
  try {
    await perform(createOutput({ quiet }));
  } finally {
    write.mockRestore();
  }
  return text;
}

beforeEach(() => void vi.stubEnv('COLUMNS', String(width)));
afterEach(() => vi.unstubAllEnvs());

describe('at a terminal of 80 columns', () => {
  const program = createProgram(() => undefined);

  it.each([program, ...program.commands])('the help of $_name fits', (command) => {
    let help = '';
    command.configureOutput({ writeOut: (text) => (help += text) }).outputHelp();
    expect(help).toContain('Usage: ');
    expect(tooWide(help)).toEqual([]);
  });

  it('findings about a plan fit, each with its place', async () => {
    const plan = writeSmallPlan({
      'plan.yaml': smallPlanYaml
        .replace('percentage: 100', `percentage: 120`)
        .replace('type: wait', 'type: weight')
        .replace('flags: [new_thing]', `flags: [${'a_flag_with_a_rather_long_name, '.repeat(5)}new_thing]`),
    });
    const text = await shown((output) => validateCommand.execute(output, {}, plan));
    rmSync(plan, { recursive: true });
    expect(text).toMatch(/plan\.yaml:\d+:\d+/);
    expect(tooWide(text)).toEqual([]);
  });
});

describe('what commands say about a run', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let options: { database: string };
  const plan = writeSmallPlan();
  let journalOfRun = '';
  const fast = { speed: 1_000_000, leaseMs: 1_000, report: true };
  beforeAll(async () => {
    database = await createTestDatabase();
    options = { database: database.url };
    process.env['COLUMNS'] = String(width);
    journalOfRun = await shown((output) => runCommand.execute(output, { ...options, ...fast }, plan));
  });
  afterAll(async () => {
    delete process.env['COLUMNS'];
    rmSync(plan, { recursive: true });
    await database.drop();
  });

  const outputs: readonly (readonly [string, RegExp, (output: Output) => Promise<number>])[] = [
    ['status', /Small is completed/, (output) => statusCommand.execute(output, options)],
    ['report', /Who saw what/, (output) => reportCommand.execute(output, options)],
    [
      'report --recompute',
      /agrees/,
      (output) => reportCommand.execute(output, { ...options, recompute: true }),
    ],
    ['flags list', /new_thing +everybody/, (output) => flagsCommand.execute(output, options, 'list')],
    ['audit verify', /entries, each follows/, (output) => auditCommand.execute(output, options)],
    [
      'a second run',
      /is completed\. To run it\s+again/,
      (output) => runCommand.execute(output, { ...options, ...fast }, plan),
    ],
  ];

  it.each(outputs)('%s fits', async (_name, told, perform) => {
    const text = await shown(perform);
    expect(text).toMatch(told);
    expect(tooWide(text)).toEqual([]);
  });

  it.each(outputs)(
    '%s says the same with --quiet: it is what was asked for',
    async (_name, told, perform) => {
      expect(await shown(perform, true)).toMatch(told);
    },
  );

  it('the run itself fits, line by line', () => {
    expect(journalOfRun).toContain('The plan is completed');
    expect(tooWide(journalOfRun)).toEqual([]);
  });

  it('a roll-back and a run say one line with --quiet', async () => {
    const taken = await shown(
      (output) => rollbackCommand.execute(output, { ...options, reason: 'enough' }),
      true,
    );
    expect(taken).toMatch(/^Run \S+ was taken back: everything is as\n {2}before\.\n$/);
    const once = { ...options, ...fast };
    const refused = await shown((output) => runCommand.execute(output, once, plan));
    expect(tooWide(refused)).toEqual([]);
    const [, again] = /--again\s+(\S+)$/.exec(refused.trimEnd()) ?? [];
    if (again === undefined) throw new Error(`no word of --again: ${refused}`);
    const quietRun = await shown((output) => runCommand.execute(output, { ...once, again }, plan), true);
    expect(quietRun).toMatch(/^Run \S+ is completed\.\n$/);
  });
});

describe('what commands say about a run that stands still', () => {
  let database: Awaited<ReturnType<typeof createTestDatabase>>;
  let options: { database: string; reason: string };
  const plan = writeSmallPlan();
  beforeAll(async () => {
    database = await createTestDatabase();
    options = {
      database: database.url,
      reason: 'people say that the new thing is slow, and we want to see whether that is so',
    };
    // As after a controller that was killed at once.
    const { bound } = checkPlan(readPlanFolder(plan).files);
    if (!bound) throw new Error('the small plan is not valid');
    await withPreparedStore(options, (store) => startRun(store, bound, 1));
  });
  afterAll(async () => {
    rmSync(plan, { recursive: true });
    await database.drop();
  });

  it('pause, status and promote fit, and say what to do', async () => {
    const paused = await shown((output) => pauseCommand.execute(output, options));
    expect(paused.replaceAll(/\s+/g, ' ')).toContain(
      'Go on: crossfade resume. Take it back: crossfade rollback.',
    );
    const stands = await shown((output) => statusCommand.execute(output, options));
    expect(stands.replaceAll(/\s+/g, ' ')).toContain(
      'Nobody carries this run out; plan time goes on. Start: crossfade run',
    );
    const refused = await shown((output) => promoteCommand.execute(output, options)).catch(String);
    expect(refused).toContain('"crossfade resume" first');
    expect(tooWide(paused + stands)).toEqual([]);
  });
});
