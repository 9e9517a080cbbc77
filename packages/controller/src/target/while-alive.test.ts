import { expect, it } from 'vitest';
import { whileAlive, type Sign } from './while-alive.ts';

/** How many looks it takes until a statement that never answers is given up, and why it is. */
async function givenUpAfter(signs: (look: number) => Sign): Promise<{ looks: number; reason: string }> {
  let looks = 0;
  const { promise, reject } = Promise.withResolvers<never>();
  const look = async () => signs((looks += 1));
  const reason = await whileAlive(promise, { look, intervalMs: 0, cut: reject }).catch(
    (error: Error) => error.message,
  );
  return { looks, reason };
}

it('gives up a statement when the server is silent, or at work on it no more, for three looks', async () => {
  expect(await givenUpAfter(() => 'no answer')).toEqual({
    looks: 3,
    reason: 'the connection to the database is dead: the server gives no sign of life',
  });
  const justAnswered = await givenUpAfter((look) => (look === 2 ? 'at work' : 'not at work'));
  expect(justAnswered).toMatchObject({ looks: 5, reason: expect.stringContaining('its answer never came') });
});

it('waits for minutes while a pooler has no connection to look with: the statement may well be at work', async () => {
  expect(await givenUpAfter(() => 'no room')).toEqual({
    looks: 90,
    reason: expect.stringContaining('the pooler had no other one to look with'),
  });
});
