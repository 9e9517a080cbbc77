import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { ProcessGroup } from './process-group.ts';

const folder = vi.hoisted(() => {
  process.env['CROSSFADE_FOLDER'] = `${process.env['TMPDIR'] ?? '/tmp'}/crossfade-group-${process.pid}`;
  return process.env['CROSSFADE_FOLDER'];
});
const scripts = mkdtempSync(join(process.env['TMPDIR'] ?? '/tmp', 'crossfade-group-'));
const script = join(scripts, 'forever.mjs');
writeFileSync(script, 'console.log("here"); setInterval(() => {}, 60_000);');
afterAll(() => {
  for (const path of [folder, scripts]) rmSync(path, { recursive: true, force: true });
});

describe('ProcessGroup', () => {
  it('says why a child failed, and where to read on', async () => {
    const failing = join(scripts, 'failing.mjs');
    writeFileSync(failing, 'console.error("one\\nthe disk is full"); process.exitCode = 1;');
    await expect(new ProcessGroup().run({ name: 'failing', script: failing, arguments: [] })).rejects.toThrow(
      /failing ended with exit code 1: the disk is full \(see .*failing\.log\)/,
    );
  });

  it('leaves no process behind: what lives is ended, and nothing is started after that', async () => {
    const group = new ProcessGroup();
    const child = group.start({ name: 'forever', script, arguments: [] });
    for await (const line of child.lines()) if (line === 'here') break;
    group.startNoMore();
    expect(() => group.start({ name: 'late', script, arguments: [] })).toThrow(
      'late is not started any more',
    );
    await group.endAll(10_000);
    expect(await child.ended).toEqual({ code: null, signal: 'SIGTERM' });
  });

  it('ends at once whoever does not listen', async () => {
    const deaf = join(scripts, 'deaf.mjs');
    writeFileSync(
      deaf,
      'process.on("SIGTERM", () => {}); console.log("here"); setInterval(() => {}, 60_000);',
    );
    const group = new ProcessGroup();
    const children = ['deaf-1', 'deaf-2'].map((name) => group.start({ name, script: deaf, arguments: [] }));
    for (const child of children) for await (const line of child.lines()) if (line === 'here') break;
    group.killAll();
    for (const child of children) expect(await child.ended).toEqual({ code: null, signal: 'SIGKILL' });
  });
});
