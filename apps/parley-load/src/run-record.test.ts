import { mkdtemp, readFile, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { ClientLog } from './client-log.ts';
import { Clock } from './clock.ts';
import { type FinishedRequest, RunRecord } from './run-record.ts';

it('counts and logs everybody, but times only requests that were made for an answer', async () => {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'parley-record-'));
  onTestFinished(async () => await rm(folder, { recursive: true }));
  const file = path.join(folder, 'log.jsonl');
  const log = await ClientLog.create(file, (error) => {
    throw error;
  });
  const clock = new Clock();
  const record = new RunRecord(log, clock);
  const intendedMs = clock.nowMs() - 500;
  const request = (action: FinishedRequest['action'], ok: boolean): void => {
    const outcome = { ok, status: ok ? 200 : 0, tries: 1, server: 0, error: ok ? undefined : 'overloaded' };
    record.request({ ...outcome, action, intendedMs, isWarmup: false });
  };
  for (let number = 0; number < 20; number += 1) request('turned_away', false);
  request('hold_socket', false);
  request('log_in', true);
  expect(record.recent.summary(clock.nowMs())).toMatchObject({ p50Ms: null, requestsPerSecond: 0 });
  request('send', true);
  expect(record.recent.summary(clock.nowMs()).p50Ms).toBeGreaterThanOrEqual(500);
  expect(record.counts).toEqual({ requests: 23, failed: 21, retries: 0 });
  await log.close();
  expect((await readFile(file, 'utf8')).match(/"action":"turned_away"/g)).toHaveLength(20);
});
