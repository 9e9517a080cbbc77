import type { EndpointAnswer, Metrics, Verdict } from '@crossfade/engine';
import { describe, expect, it } from 'vitest';
import { healthGate } from './definition.ts';

const window = { fromMs: 5_000, toMs: 5_000 };
const well = { status: 'ok', checks: { database: { ok: true, tookMs: 3 }, cache: { ok: true, tookMs: 0 } } };

function answer(url: string, status: number | null, body: unknown = well): EndpointAnswer {
  return { url, status, body, tookMs: 4, error: status === null ? 'connection refused' : null };
}

async function judge(answers: readonly EndpointAnswer[], settings: object = {}): Promise<Verdict> {
  const config = healthGate.configSchema.parse({
    path: '/readyz',
    checks: ['database', 'cache'],
    ...settings,
  });
  const nothing = (): never => {
    throw new Error('a health gate only asks');
  };
  const metrics: Metrics = {
    counterIncrease: nothing,
    histogramIncrease: nothing,
    ask: (path, timeoutMs) => {
      expect([path, timeoutMs]).toEqual(['/readyz', 2_000]);
      return Promise.resolve(answers);
    },
  };
  const measured = JSON.parse(JSON.stringify(await healthGate.measure(config, window, metrics)));
  return healthGate.assess(config, measured, window);
}

const ill = { checks: { database: { ok: false }, cache: { ok: true } } };

describe('health', () => {
  it('passes when every process is well', async () => {
    expect(await judge([answer('http://a', 200), answer('http://b', 200)])).toMatchObject({
      status: 'pass',
      evidence: '2 of 2 processes well at /readyz, 2 needed',
    });
  });

  it('fails, and says where and what, when a part is not well', async () => {
    expect(await judge([answer('http://a', 200), answer('http://b', 503, ill)])).toMatchObject({
      status: 'fail',
      evidence: '1 of 2 processes well at /readyz, 2 needed (http://b database not well)',
    });
    expect(await judge([answer('http://a', 500, 'oops')])).toMatchObject({
      status: 'fail',
      evidence: expect.stringContaining('http://a answered 500'),
    });
  });

  it('is content with one where the plan says so', async () => {
    const answers = [answer('http://a', 200), answer('http://b', 503, ill)];
    expect(await judge(answers, { require: 'any' })).toMatchObject({ status: 'pass', limit: 1 });
  });

  it.each([
    [
      'one is silent',
      [answer('http://a', 200), answer('http://b', null)],
      'http://b silent: connection refused',
    ],
    ['all are silent', [answer('http://a', null)], '0 of 1 processes well'],
    ['there is none', [], 'no process of the application is known'],
  ])('is inconclusive when %s', async (_what, answers, evidence) => {
    expect(await judge(answers)).toMatchObject({
      status: 'inconclusive',
      evidence: expect.stringContaining(evidence),
    });
  });

  it('is invalid when the answer says nothing about what is asked', async () => {
    for (const part of ['realtime', 'constructor']) {
      expect(await judge([answer('http://a', 200)], { checks: [part] })).toMatchObject({
        status: 'invalid',
        evidence: expect.stringContaining(`its answer says nothing about ${part}`),
      });
    }
  });
});
