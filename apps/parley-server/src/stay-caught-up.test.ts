import { setTimeout as sleep } from 'node:timers/promises';
import { expect, it, vi } from 'vitest';
import { silentLog } from './log.ts';
import { stayCaughtUp } from './stay-caught-up.ts';

const SOON = { firstPauseMs: 1, longestPauseMs: 4, log: silentLog };

it('tries until sockets could be told, and then no more', async () => {
  const warn = vi.fn<() => void>();
  let tries = 0;
  const told = Promise.withResolvers<void>();
  const catchUp = async (): Promise<void> => {
    tries += 1;
    if (tries < 8) throw new Error('no database');
    await Promise.resolve();
    told.resolve();
  };
  const { fellBehind } = stayCaughtUp({ ...SOON, log: { ...silentLog, warn }, catchUp });
  fellBehind();
  await told.promise;
  expect(tries).toBe(8);
  expect(warn).toHaveBeenCalledTimes(7);
  await sleep(50);
  expect(tries).toBe(8);
});

it('tells again of a gap that came while it told of another one', async () => {
  const gates = [Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let tries = 0;
  const catchUp = async (): Promise<void> => await gates[tries++]?.promise;
  const { fellBehind } = stayCaughtUp({ ...SOON, catchUp });
  fellBehind();
  fellBehind();
  fellBehind();
  expect(tries).toBe(1);
  gates[0]?.resolve();
  await vi.waitFor(() => expect(tries).toBe(2));
  gates[1]?.resolve();
  await gates[1]?.promise;
  fellBehind();
  await vi.waitFor(() => expect(tries).toBe(3));
});

it('ends with its server, also in a pause', async () => {
  const failed = Promise.withResolvers<void>();
  let tries = 0;
  const { fellBehind, stop } = stayCaughtUp({
    ...SOON,
    log: { ...silentLog, warn: () => failed.resolve() },
    catchUp: async () => await Promise.reject(new Error(`no database ${(tries += 1)}`)),
  });
  fellBehind();
  await failed.promise;
  stop();
  await sleep(50);
  fellBehind();
  expect(tries).toBe(1);
});
