import { describe, expect, it } from 'vitest';
import { exchange, type ExchangeTools } from './exchange.ts';
import { Random } from './random.ts';
import { Route } from './route.ts';
import type { Answer, Call } from './server-pair.ts';

const call: Call = { method: 'GET', path: '/v1/conversations' };
const ok: Answer = { status: 200, body: {}, retryAfterMs: undefined };
const unavailable: Answer = { status: 503, body: {}, retryAfterMs: undefined };

/** Servers that answer from a list, one entry a try, on a clock that pauses move. */
function tools(answers: readonly (Answer | Error)[]): ExchangeTools & { asked: number[] } {
  const asked: number[] = [];
  let nowMs = 0;
  return {
    asked,
    random: new Random(1),
    patienceMs: 15_000,
    nowMs: () => nowMs,
    pause: (ms) => {
      nowMs += ms;
      return Promise.resolve();
    },
    ask: (server) => {
      const answer = answers[asked.length];
      asked.push(server);
      return answer === undefined || answer instanceof Error
        ? Promise.reject(answer ?? new Error('asked too often'))
        : Promise.resolve(answer);
    },
  };
}

describe('exchange', () => {
  it('asks once when all is well', async () => {
    const servers = tools([ok]);
    expect(await exchange(call, 't', new Route(1, 2), servers)).toMatchObject({
      status: 200,
      tries: 1,
      server: 1,
    });
  });

  it('asks the other server after a network error, and stays there', async () => {
    const servers = tools([new Error('connection reset'), ok, ok]);
    const route = new Route(0, 2);
    expect(await exchange(call, 't', route, servers)).toMatchObject({ status: 200, tries: 2, server: 1 });
    await exchange(call, 't', route, servers);
    expect(servers.asked).toEqual([0, 1, 1]);
  });

  it('tries again on 503, and on nothing else that was answered', async () => {
    expect(await exchange(call, 't', new Route(0, 2), tools([unavailable, ok]))).toMatchObject({ tries: 2 });
    for (const status of [400, 401, 404, 429, 500]) {
      const servers = tools([{ ...ok, status }]);
      expect(await exchange(call, 't', new Route(0, 2), servers)).toMatchObject({ status, tries: 1 });
    }
  });

  it('waits as long as an unavailable server asks for, within reason', async () => {
    const busy = { ...unavailable, retryAfterMs: 2_500 };
    const servers = tools([busy, busy, ok]);
    expect(await exchange(call, 't', new Route(0, 2), servers)).toMatchObject({ status: 200, tries: 3 });
    expect(servers.nowMs()).toBeGreaterThan(2_500);
    expect(servers.nowMs()).toBeLessThan(3_000);
  });

  it('gives up in the end, and says why', async () => {
    const servers = tools(Array.from({ length: 6 }, () => new Error('connect refused')));
    const outcome = await exchange(call, 't', new Route(0, 2), servers);
    expect(outcome).toMatchObject({
      answer: undefined,
      status: 0,
      tries: 6,
      error: 'Error: connect refused',
    });
    expect(servers.nowMs()).toBeGreaterThan(7_000);
    expect(servers.nowMs()).toBeLessThan(15_000);
    expect(new Set(servers.asked)).toEqual(new Set([0, 1]));
  });

  it('leaves time for another try when one hangs', async () => {
    const given: number[] = [];
    const servers = tools([]);
    const patient = { ...servers, patienceMs: 900 };
    await exchange(call, 't', new Route(0, 2), {
      ...patient,
      ask: async (_server, _call, _token, deadlineMs) => {
        given.push(deadlineMs);
        await servers.pause(deadlineMs);
        throw new Error('timed out');
      },
    });
    expect(given[0]).toBe(600);
    expect(given[1]).toBeGreaterThan(200);
    expect(given).toHaveLength(2);
  });
});
