import { execFile, spawnSync } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
import { createProgram } from '../program.ts';
import { bashCompletion } from './bash.ts';
import { fishCompletion } from './fish.ts';
import { vocabularyOf } from './vocabulary.ts';
import { zshCompletion } from './zsh.ts';

const folder = mkdtempSync(join(tmpdir(), 'crossfade-completion-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

const run = promisify(execFile);
const commands = vocabularyOf(createProgram(() => undefined));
const names = commands.map(({ name }) => name);

/** What bash offers after these words, the last of which is being typed. */
async function bashOffers(...words: string[]): Promise<string[]> {
  const script = `${bashCompletion(commands)}
complete -p crossfade >&2 || exit 1
COMP_WORDS=("$@"); COMP_CWORD=$(($# - 1))
_crossfade
printf '%s\\n' "\${COMPREPLY[@]}"`;
  const { stdout } = await run('bash', ['-u', '-c', script, 'bash', 'crossfade', ...words]);
  return stdout.split('\n').filter((word) => word !== '');
}

describe('completion in bash', () => {
  it('offers every command, and those that begin as what was typed', async () => {
    expect(await bashOffers('')).toEqual([...names, 'help']);
    expect(await bashOffers('re')).toEqual(['rehearse', 'resume', 'relay', 'report']);
  });

  it.each(commands)('offers the options of $name', async ({ name, options }) => {
    const offered = await bashOffers(name, '--');
    expect(offered).toEqual(options.map(({ long }) => long));
  });

  it('offers the words of an argument that is one of a few', async () => {
    expect(await bashOffers('flags', '')).toEqual([
      'list',
      'usage',
      'disable',
      'enable',
      'on',
      'off',
      'reset',
    ]);
    expect(await bashOffers('completion', 'z')).toEqual(['zsh']);
    expect(await bashOffers('help', 'pr')).toEqual(['promote']);
  });

  it('leaves files to bash: where a plan is expected, and as the value of an option', async () => {
    expect(await bashOffers('validate', 'pl')).toEqual([]);
    expect(await bashOffers('demo', '--import', '')).toEqual([]);
    expect(await bashOffers('flags', '--reason', '')).toEqual([]);
  });
});

describe.each([
  ['zsh', zshCompletion(commands)],
  ['fish', fishCompletion(commands)],
])('completion in %s', (shell, script) => {
  it('has every command, option and choice', () => {
    for (const { name, options, choices } of commands) {
      expect(script).toContain(name);
      for (const { long } of options) expect(script).toContain(long.replace(/^--/, ''));
      for (const choice of choices) expect(script).toContain(choice);
    }
  });

  it('quotes what the shell would take for something else', () => {
    const odd = [{ name: 'odd', about: "it's [odd]: $(rm)", choices: [], options: [] }];
    const text = shell === 'zsh' ? zshCompletion(odd) : fishCompletion(odd);
    expect(text).toContain(
      shell === 'zsh' ? String.raw`it'\''s [odd]\: $(rm)'` : String.raw`'it\'s [odd]: $(rm)'`,
    );
  });

  it('is read by the shell itself', ({ skip }) => {
    skip(!isInstalled(shell), `${shell} is not installed`);
    const checked = spawnSync(shell, ['-n', scriptFile(shell, script)]);
    expect(checked).toMatchObject({ status: 0, stderr: Buffer.from('') });
  });
});

describe('completion in fish', () => {
  it.for<[string, string[]]>([
    ['', [...names, 'help'].toSorted((a, b) => a.localeCompare(b))],
    ['re', ['rehearse', 'relay', 'report', 'resume']],
    ['help pr', ['promote']],
    ['flags d', ['disable']],
    ['flags disable --al', ['--all']],
    ['completion ', ['bash', 'fish', 'zsh']],
  ])('offers after "crossfade %s": %j', ([typed, offered], { skip }) => {
    skip(!isInstalled('fish'), 'fish is not installed');
    const file = scriptFile('fish', fishCompletion(commands));
    const asked = `source ${file}; complete -C 'crossfade ${typed}'`;
    const { stdout } = spawnSync('fish', ['--no-config', '-c', asked]);
    const lines = stdout.toString().trimEnd().split('\n');
    expect(lines.map((line) => line.split('\t')[0])).toEqual(offered);
  });
});

function isInstalled(shell: string): boolean {
  return spawnSync(shell, ['--version']).error === undefined;
}

function scriptFile(shell: string, script: string): string {
  const file = join(folder, `crossfade.${shell}`);
  writeFileSync(file, script);
  return file;
}
