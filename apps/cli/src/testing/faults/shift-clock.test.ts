import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';
import { shiftedBy } from './clocks.ts';

const run = promisify(execFile);
const dayMs = 86_400_000;

async function inProcess(shiftMs: number, expression: string): Promise<string> {
  const env = { ...process.env, ...shiftedBy(shiftMs) };
  const { stdout } = await run(process.execPath, ['-e', `console.log(${expression})`], { env });
  return stdout.trim();
}

describe('a process with a shifted clock', () => {
  it.each([dayMs, -dayMs])('takes it to be %i ms later, however it asks', async (shiftMs) => {
    const asked = 'Date.now(), new Date().getTime(), Date.parse(Date()), new Date(5).getTime()';
    const beforeMs = Date.now();
    const answer = await inProcess(shiftMs, asked);
    const [now = 0, made = 0, text = 0, given] = answer.split(' ').map(Number);
    for (const time of [now, made, text]) {
      expect(time - shiftMs).toBeGreaterThan(beforeMs - 1_000);
      expect(time - shiftMs).toBeLessThanOrEqual(Date.now());
    }
    expect(given).toBe(5);
  });

  it('does not begin without saying by how much', async () => {
    await expect(inProcess(0, '1')).rejects.toThrow('CROSSFADE_CLOCK_SHIFT_MS is 0: expected ms, not 0');
  });
});
