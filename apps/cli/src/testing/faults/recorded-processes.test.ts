import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { RecordedProcesses } from './recorded-processes.ts';

const folder = vi.hoisted(() => {
  process.env['CROSSFADE_FOLDER'] = `${process.env['TMPDIR'] ?? '/tmp'}/crossfade-recorded-${process.pid}`;
  return process.env['CROSSFADE_FOLDER'];
});
const scripts = mkdtempSync(join(tmpdir(), 'crossfade-scripts-'));
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
  rmSync(scripts, { recursive: true });
});

/** A process that prints a line and stays; with a child of its own that outlives it, it prints that one's pid. */
function script(name: string, text: string): string {
  const path = join(scripts, `${name}.mjs`);
  writeFileSync(path, text);
  return path;
}

describe('RecordedProcesses', () => {
  it('knows which processes are left, and finds each by its name', async () => {
    const processes = new RecordedProcesses('left', (name) => ({ SAID: name }));
    const stays = script('stays', `console.log(process.env.SAID); setInterval(() => {}, 1000);`);
    const child = processes.start({ name: 'one', script: stays, arguments: [] });
    const { value } = await child.lines()[Symbol.asyncIterator]().next();
    expect(value).toBe('one');
    expect(processes.left()).toEqual([`one (pid ${processes.newest('one').process.pid})`]);
    await processes.endAll();
    expect(processes.left()).toEqual([]);
  });

  it('knows how each has ended, and what it was told before', async () => {
    const processes = new RecordedProcesses('ends');
    const dies = script('dies', `process.exitCode = 3; process.disconnect();`);
    const deaf = script(
      'deaf',
      `process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('here');`,
    );
    await processes.start({ name: 'dies', script: dies, arguments: [] }).ended;
    const child = processes.start({ name: 'deaf', script: deaf, arguments: [] });
    for await (const line of child.lines()) if (line === 'here') break;
    await processes.endAll(10);
    expect(processes.ends).toEqual([
      { name: 'dies', code: 3, signal: null, sent: [] },
      { name: 'deaf', code: null, signal: 'SIGKILL', sent: ['SIGTERM', 'SIGKILL'] },
    ]);
  });

  it('finds what an ended process has left behind itself', async ({ skip }) => {
    skip(process.platform !== 'linux', 'only Linux shows the environment of a process');
    const processes = new RecordedProcesses('orphans');
    const leaves = script(
      'leaves',
      `import { spawn } from 'node:child_process';
       const orphan = spawn('sleep', ['60'], { detached: true, stdio: 'ignore' });
       orphan.unref();
       process.disconnect();
       console.log(orphan.pid);`,
    );
    const pid = await processes.run({ name: 'leaves', script: leaves, arguments: [] });
    expect(processes.left()).toEqual([`pid ${pid}`]);
    process.kill(Number(pid), 'SIGKILL');
    await expect.poll(() => processes.left()).toEqual([]);
  });
});
