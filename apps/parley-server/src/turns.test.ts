import { expect, it, vi } from 'vitest';
import { createTurns } from './turns.ts';

const { signal: patient } = new AbortController();
/** Nobody has a share of their own to fill. */
const mostWaitingEach = 100;

it('lets so many run at once, the others wait in order, and who comes beyond is sent away', async () => {
  const turns = createTurns({ atOnce: 2, mostWaiting: 2, mostWaitingEach });
  const begun: number[] = [];
  const gates = [1, 2, 3, 4, 5].map(() => Promise.withResolvers<void>());
  const take = async (number: number): Promise<number> =>
    await turns.take(
      'anybody',
      async () => {
        begun.push(number);
        await gates[number - 1]?.promise;
        return number;
      },
      patient,
    );
  const taken = [take(1), take(2), take(3), take(4)];
  await expect(take(5)).rejects.toMatchObject({ code: 'unavailable', details: { retryAfterSeconds: 1 } });
  expect(begun).toEqual([1, 2]);
  gates[1]?.resolve();
  expect(await taken[1]).toBe(2);
  await vi.waitFor(() => expect(begun).toEqual([1, 2, 3]));
  gates.forEach((gate) => gate.resolve());
  expect(await Promise.all(taken)).toEqual([1, 2, 3, 4]);
  expect(await take(5)).toBe(5);
});

it('passes the turn on after a failure too', async () => {
  const turns = createTurns({ atOnce: 1, mostWaiting: 1, mostWaitingEach });
  const failing = turns.take('anybody', async () => await Promise.reject(new Error('no')), patient);
  const next = turns.take('anybody', async () => await Promise.resolve('yes'), patient);
  await expect(failing).rejects.toThrow('no');
  expect(await next).toBe('yes');
});

it('does nothing for who has given up, and lets others have their place', async () => {
  const turns = createTurns({ atOnce: 1, mostWaiting: 1, mostWaitingEach });
  const gate = Promise.withResolvers<string>();
  const running = turns.take('anybody', async () => await gate.promise, patient);
  const impatient = new AbortController();
  const done: string[] = [];
  const work = (who: string) => async () => {
    done.push(who);
    await Promise.resolve();
  };
  const given = turns.take('anybody', work('who gave up'), impatient.signal);
  impatient.abort();
  await expect(given).rejects.toMatchObject({ code: 'unavailable' });
  await expect(turns.take('anybody', work('who came too late'), impatient.signal)).rejects.toThrow(
    'Too many people',
  );
  const other = turns.take('anybody', work('another one'), patient);
  gate.resolve('done');
  await Promise.all([running, other]);
  expect(done).toEqual(['another one']);
});

it('keeps a place for others when one of them would fill the whole queue', async () => {
  const turns = createTurns({ atOnce: 1, mostWaiting: 10, mostWaitingEach: 2 });
  const gate = Promise.withResolvers<string>();
  const take = async (who: string): Promise<string> =>
    await turns.take(who, async () => await gate.promise, patient);
  // Whose turn it is waits no more.
  const taken = [take('one'), take('one'), take('one')];
  await expect(take('one')).rejects.toMatchObject({ code: 'unavailable' });
  taken.push(take('another'));
  gate.resolve('done');
  expect(await Promise.all(taken)).toEqual(['done', 'done', 'done', 'done']);
  expect(await Promise.all([take('one'), take('one'), take('one')])).toEqual(['done', 'done', 'done']);
});
