import { expect, it } from 'vitest';
import { createTurns } from './turns.ts';

it('lets so many run at once, the others wait in order, and who comes beyond is sent away', async () => {
  const turns = createTurns({ atOnce: 2, mostWaiting: 2 });
  const begun: number[] = [];
  const gates = [1, 2, 3, 4, 5].map(() => Promise.withResolvers<void>());
  const take = async (number: number): Promise<number> =>
    await turns.take(async () => {
      begun.push(number);
      await gates[number - 1]?.promise;
      return number;
    });
  const taken = [take(1), take(2), take(3), take(4)];
  await expect(take(5)).rejects.toMatchObject({ code: 'unavailable', details: { retryAfterSeconds: 1 } });
  expect(begun).toEqual([1, 2]);
  gates[1]?.resolve();
  expect(await taken[1]).toBe(2);
  expect(begun).toEqual([1, 2, 3]);
  gates.forEach((gate) => gate.resolve());
  expect(await Promise.all(taken)).toEqual([1, 2, 3, 4]);
  expect(await take(5)).toBe(5);
});

it('passes the turn on after a failure too', async () => {
  const turns = createTurns({ atOnce: 1, mostWaiting: 1 });
  const failing = turns.take(async () => await Promise.reject(new Error('no')));
  const next = turns.take(async () => await Promise.resolve('yes'));
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('yes');
});
