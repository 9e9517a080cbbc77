import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readOwner, releaseOwnership, takeOwnership } from './owner-file.ts';
import { identifyProcess } from './process-identity.ts';

let place: string;

beforeEach(async () => {
  place = await mkdtemp(path.join(os.tmpdir(), 'crossfade-owner-'));
});

afterEach(async () => {
  await rm(place, { recursive: true });
});

const file = (): string => path.join(place, 'owner.json');

test('a place has one owner; released, it is free again', async () => {
  await takeOwnership(place);
  await expect(takeOwnership(place)).rejects.toThrow(`${place} is in use by this process (${process.pid})`);
  await releaseOwnership(place);
  await takeOwnership(place);
  expect((await readOwner(place))?.pid).toBe(process.pid);
});

test.each([
  ['a process that is gone', JSON.stringify({ pid: 2 ** 22 + 1, startedAt: '1' })],
  ['an earlier process whose id is used again', JSON.stringify({ pid: process.pid, startedAt: 'long ago' })],
  ['a file cut off by a crash', '{"pid": 1'],
])('%s is no owner', async (_, content) => {
  await writeFile(file(), content);
  await takeOwnership(place);
  expect(await readFile(file(), 'utf8')).toContain(`"pid":${process.pid}`);
});

test('what runs left that were killed while they took the place is removed, and nothing of those that live', async () => {
  const leave = async (name: string, content: unknown) =>
    await writeFile(path.join(place, name), JSON.stringify(content));
  await leave('owner.json.killed', { pid: 2 ** 22 + 1, startedAt: '1' });
  await leave('owner.json.after-killed', { pid: 2 ** 22 + 1, startedAt: '1' });
  await leave('owner.json.living', identifyProcess(process.ppid));
  await leave('owner.json.unknown', 'nothing of ours');
  await leave('other.json', { pid: 2 ** 22 + 1, startedAt: '1' });
  await takeOwnership(place);
  expect((await readdir(place)).toSorted((a, b) => a.localeCompare(b))).toEqual([
    'other.json',
    'owner.json',
    'owner.json.living',
    'owner.json.unknown',
  ]);
});

test('a place that cannot be tidied up stays free', async () => {
  await mkdir(path.join(place, 'owner.json.folder'));
  await expect(takeOwnership(place)).rejects.toThrow('EISDIR');
  expect(await readOwner(place)).toBeUndefined();
});

const ENTRY = new URL('./owner-file.ts', import.meta.url).href;
/** Takes each place that it is told, and says how that went. */
const TAKER = `
  import { createInterface } from 'node:readline';
  import { takeOwnership } from ${JSON.stringify(ENTRY)};
  console.log('ready');
  for await (const place of createInterface(process.stdin))
    console.log(await takeOwnership(place).then(() => 'owner', (error) => error.message));
`;

function startTaker() {
  const child = spawn(process.execPath, ['--input-type=module', '--eval', TAKER], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]();
  const hear = async (): Promise<unknown> => (await lines.next()).value;
  return {
    pid: child.pid,
    hear,
    take: async (wanted: string): Promise<unknown> => {
      child.stdin.write(`${wanted}\n`);
      return await hear();
    },
    end: async () => {
      child.stdin.end();
      await once(child, 'exit');
    },
  };
}

test('of three processes that start at the same moment one is the owner, and the others are told which', async () => {
  const takers = [startTaker(), startTaker(), startTaker()];
  try {
    for (const { hear } of takers) expect(await hear()).toBe('ready');
    for (let number = 0; number < 120; number += 1) {
      const wanted = path.join(place, String(number));
      await mkdir(wanted);
      if (number % 2 === 1)
        await writeFile(path.join(wanted, 'owner.json'), '{"pid":4194305,"startedAt":"1"}');
      const answers = await Promise.all(takers.map(async ({ take }) => await take(wanted)));
      const owner = takers[answers.indexOf('owner')];
      expect(answers.filter((answer) => answer === 'owner')).toHaveLength(1);
      for (const refusal of answers.filter((answer) => answer !== 'owner'))
        expect(refusal).toContain(`is in use by the process ${owner?.pid}: `);
      expect((await readOwner(wanted))?.pid).toBe(owner?.pid);
      expect(await readdir(wanted)).toEqual(['owner.json']);
    }
  } finally {
    for (const { end } of takers) await end();
  }
});
