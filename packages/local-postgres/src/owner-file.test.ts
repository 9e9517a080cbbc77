import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { readOwner, releaseOwnership, takeOwnership } from './owner-file.ts';

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
