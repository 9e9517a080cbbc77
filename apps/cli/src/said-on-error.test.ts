import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { rmSync } from 'node:fs';
import { afterAll, describe, expect, it } from 'vitest';
import { writeSmallPlan } from './testing/small-plan.ts';

const main = join(import.meta.dirname, 'main.ts');
const plan = writeSmallPlan();
afterAll(() => rmSync(plan, { recursive: true }));

interface End {
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** The real command, in an environment of its own. */
function crossfade(given: readonly string[], env: Readonly<Record<string, string>> = {}): Promise<End> {
  return node([main, ...given], env);
}

function node(given: readonly string[], env: Readonly<Record<string, string>>): Promise<End> {
  const { PATH = '', HOME = '' } = process.env;
  const child = spawn(process.execPath, given, { env: { PATH, HOME, ...env }, cwd: import.meta.dirname });
  let stdout = '';
  let stderr = '';
  child.stdout.on('data', (text) => (stdout += String(text)));
  child.stderr.on('data', (text) => (stderr += String(text)));
  return new Promise((resolve) => child.once('close', (code) => resolve({ code, stdout, stderr })));
}

const aStack = /^\s+at .*:\d+:\d+\)?$/m;
const unreachable = ['status', '--database', 'postgres://127.0.0.1:1/none'];

/** Something that nobody catches, thrown when the command is done. */
function preloaded(code: string): Record<string, string> {
  return { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(code)}` };
}

describe('an error', { timeout: 120_000 }, () => {
  it.each([
    ['with --debug', [...unreachable, '--debug'], {}],
    ['with CROSSFADE_DEBUG=1', unreachable, { CROSSFADE_DEBUG: '1' }],
  ])('says where it arose %s, and what caused it', async (_how, given, env) => {
    const { code, stderr } = await crossfade(given, env);
    expect(code).toBe(2);
    expect(stderr).toMatch(aStack);
    expect(stderr).toContain('Caused by: ');
  });

  it('says what and nothing more otherwise', async () => {
    const { code, stderr } = await crossfade(unreachable);
    expect(code).toBe(2);
    expect(stderr).toMatch(/^✘ cannot use the database postgres:\/\/127\.0\.0\.1:1\/none: .*\n$/);
  });

  it.each([
    ['an exception', `process.once('beforeExit', () => { throw new Error('boom') })`],
    ['a rejection', `process.once('beforeExit', () => void Promise.reject(new Error('boom')))`],
  ])('that is %s nobody caught is said like any other', async (_what, code) => {
    expect(await crossfade(['validate', plan], preloaded(code))).toMatchObject({
      code: 1,
      stderr: '✘ boom\n  CROSSFADE_DEBUG=1 says where in the code it arose.\n',
    });
  });
});

it('a terminal that is gone is no error of the command: it has nobody to tell', async () => {
  const gone = `process.once('beforeExit', () => {
    process.stdout.emit('error', Object.assign(new Error('write EIO'), { code: 'EIO' }));
  })`;
  expect(await crossfade(['validate', plan], preloaded(gone))).toMatchObject({ code: 0, stderr: '' });
});

it('what was mistyped is answered with what was probably meant', async () => {
  const { code, stderr } = await crossfade(['statu']);
  expect(code).toBe(2);
  expect(stderr).toBe(
    "✘ unknown command 'statu'\n  (Did you mean status?)\nAll commands: crossfade --help\n",
  );
});

describe('colours', { timeout: 60_000 }, () => {
  const script = `
    await import(${JSON.stringify(join(import.meta.dirname, 'colour-choice.ts'))});
    const { default: pc } = await import('picocolors');
    console.log(String(pc.isColorSupported));`;

  it.each([
    [{}, [], false],
    [{ CI: '1' }, [], false],
    [{ FORCE_COLOR: '1' }, [], true],
    [{ FORCE_COLOR: '0' }, [], false],
    [{ FORCE_COLOR: '1', NO_COLOR: '1' }, [], false],
    [{ FORCE_COLOR: '1', NO_COLOR: '' }, [], true],
    [{}, ['--color'], true],
    [{ FORCE_COLOR: '1' }, ['--no-color'], false],
  ])('in a pipe, with %j and %j: %s', async (env, given, coloured) => {
    const { stdout } = await node(['--input-type=module', '--eval', script, '--', ...given], env);
    expect(stdout.trim()).toBe(String(coloured));
  });

  it('reach what is printed', async () => {
    expect((await crossfade(['validate', plan], { FORCE_COLOR: '1' })).stdout).toContain('\u001b[32m✔');
  });
});
