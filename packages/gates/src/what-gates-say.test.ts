import type { CounterIncrease, EndpointAnswer, HistogramIncrease, Metrics, Verdict } from '@crossfade/engine';
import { describe, expect, it } from 'vitest';
import { gateCatalog } from './catalog.ts';
import { healthGate } from './health/definition.ts';
import { thresholdGate } from './threshold/definition.ts';
import { estimateQuantile } from '@crossfade/engine';

const window = { fromMs: 100_000, toMs: 120_000 };
const coverage = { ...window, endpoints: 2, endpointsSilent: 0 };
const nothing = (): never => {
  throw new Error('this gate does not ask for that');
};

/** What the gate says about these measurements, which go through JSON on their way as they do in a run. */
async function judge(type: string, settings: object, seen: Partial<Metrics>): Promise<Verdict> {
  const gate = gateCatalog[type];
  if (!gate) throw new Error(`no gate type ${type}`);
  const config = gate.configSchema.parse(settings);
  const metrics = { counterIncrease: nothing, histogramIncrease: nothing, ask: nothing, ...seen };
  return gate.assess(config, JSON.parse(JSON.stringify(await gate.measure(config, window, metrics))), window);
}

describe('what a gate says of itself', () => {
  const health = (settings: object) => healthGate.configSchema.parse({ path: '/readyz', ...settings });

  it.each([
    [{}, 'Every process answers /readyz with 200.'],
    [
      { require: 'any', checks: ['database'] },
      'At least one process answers /readyz with 200 and database well.',
    ],
  ])('%j', (settings, text) => {
    expect(healthGate.describe(health(settings))).toBe(text);
  });

  it('how far back it looks: health not at all, a threshold as far as the plan says', () => {
    expect(healthGate.windowMs(health({}))).toBe(0);
    const settings = { measure: 'share_above', histogram: 'h', edge: 1, at_most: '5%', window: '45s' };
    expect(thresholdGate.windowMs(thresholdGate.configSchema.parse(settings))).toBe(45_000);
  });
});

describe('health', () => {
  const answer = (changes: Partial<EndpointAnswer>): EndpointAnswer => ({
    url: 'http://a',
    status: 200,
    body: { checks: {} },
    error: null,
    tookMs: 3,
    ...changes,
  });
  const asked = async (settings: object, ...answers: readonly EndpointAnswer[]) =>
    await judge('health', { path: '/readyz', ...settings }, { ask: () => Promise.resolve(answers) });

  it('does not call a process well or ill that says nothing, and says so even without a reason', async () => {
    expect(await asked({}, answer({ status: null, body: null }))).toMatchObject({
      status: 'inconclusive',
      evidence: '0 of 1 processes well at /readyz, 1 needed (http://a silent: no answer)',
    });
  });

  it('is satisfied with one where the plan needs one', async () => {
    const silent = answer({ url: 'http://b', status: null, body: null, error: 'refused' });
    expect(await asked({ require: 'any' }, answer({}), silent)).toMatchObject({
      status: 'pass',
      value: 1,
      limit: 1,
      samples: 2,
    });
    expect(await asked({}, answer({}), silent)).toMatchObject({ status: 'inconclusive', limit: 2 });
  });

  it('is harm when one is ill, whoever else is silent or strange', async () => {
    const ill = answer({ status: 503, body: 'down' });
    const strange = answer({ url: 'http://c', body: 'well' });
    expect(await asked({ checks: ['database'] }, strange, ill)).toMatchObject({
      status: 'fail',
      evidence:
        '0 of 2 processes well at /readyz, 2 needed (http://c its answer says nothing about database; http://a answered 503)',
    });
    expect(await asked({ checks: ['database'] }, strange)).toMatchObject({ status: 'invalid' });
  });
});

describe('a share above an edge', () => {
  const settings = {
    measure: 'share_above',
    histogram: 'queue_length',
    edge: 10,
    at_most: '5%',
    min_samples: 10,
  };
  const histogram = async (increase: Partial<HistogramIncrease>) =>
    await judge('threshold', settings, {
      histogramIncrease: () => Promise.resolve({ buckets: [], count: 0, sum: 0, coverage, ...increase }),
    });

  it('is not known while nothing was counted', async () => {
    expect(await histogram({})).toMatchObject({
      status: 'inconclusive',
      value: null,
      evidence: '0 of 10 samples: 0 % of 0 requests took longer than 10; at most 5 % allowed',
    });
  });

  it('cannot be told without that very edge, whatever was counted', async () => {
    const buckets = [
      { upperEdge: 5, count: 20 },
      { upperEdge: Infinity, count: 20 },
    ];
    expect(await histogram({ buckets, count: 20 })).toMatchObject({
      status: 'invalid',
      evidence: 'queue_length has no bucket edge at 10: it has 5',
    });
    expect(await histogram({ buckets: [{ upperEdge: Infinity, count: 20 }], count: 20 })).toMatchObject({
      status: 'invalid',
      evidence: 'queue_length has no bucket edge at 10: it has none',
    });
  });

  it('cannot be told of figures that contradict each other', async () => {
    const buckets = [{ upperEdge: 10, count: 30 }];
    expect(await histogram({ buckets, count: 20 })).toMatchObject({
      status: 'invalid',
      evidence: 'queue_length counts 30 samples up to 10, and 20 in all',
    });
  });

  it('is in the metric’s own unit, which is seconds only where its name says so', async () => {
    const buckets = [
      { upperEdge: 10, count: 20 },
      { upperEdge: Infinity, count: 20 },
    ];
    expect((await histogram({ buckets, count: 20 })).evidence).toBe(
      '0 % of 20 requests took longer than 10; at most 5 % allowed (p95 about 9.5)',
    );
  });
});

describe('a quantile out of buckets', () => {
  it('lies as far in its bucket as its rank does', () => {
    const buckets = [
      { upperEdge: 1, count: 50 },
      { upperEdge: 2, count: 100 },
    ];
    expect(estimateQuantile(buckets, 0.25)).toBe(0.5);
    expect(estimateQuantile(buckets, 0.75)).toBe(1.5);
  });

  it('is unknown where nothing was counted, above the last edge, and where no bucket holds it', () => {
    expect(estimateQuantile([], 0.95)).toBeNull();
    expect(estimateQuantile([{ upperEdge: 1, count: 0 }], 0.95)).toBeNull();
    expect(estimateQuantile([{ upperEdge: Infinity, count: 9 }], 0.95)).toBeNull();
    expect(
      estimateQuantile(
        [
          { upperEdge: 1, count: 10 },
          { upperEdge: 2, count: 5 },
        ],
        2.5,
      ),
    ).toBeNull();
  });
});

describe('a ratio', () => {
  const ratio = async (settings: object, counters: Record<string, Partial<CounterIncrease>>) =>
    await judge(
      'threshold',
      { measure: 'ratio', below: '1%', min_samples: 10, of: { metric: 'requests_total' }, ...settings },
      {
        counterIncrease: ({ metric, labels }) => {
          const key = `${metric}${Object.keys(labels).length > 0 ? '{}' : ''}`;
          return Promise.resolve({ value: 0, labelNames: [], coverage, ...counters[key] });
        },
      },
    );

  it('names the part by its labels, where it has any', async () => {
    expect((await ratio({ metric: 'errors_total' }, { requests_total: { value: 100 } })).evidence).toBe(
      '0 of 100 (0 %) errors_total; under 1 % required',
    );
    expect(
      (
        await ratio(
          { metric: 'errors_total', labels: { kind: 'timeout' } },
          { requests_total: { value: 100 }, 'errors_total{}': { labelNames: ['kind'] } },
        )
      ).evidence,
    ).toBe('0 of 100 (0 %) errors_total with kind=timeout; under 1 % required');
  });

  it('takes the labels of the whole for those of a part that was never seen, if they are one counter', async () => {
    const settings = { metric: 'requests_total', labels: { outcom: 'error' } };
    expect(await ratio(settings, { requests_total: { value: 100, labelNames: ['outcome'] } })).toMatchObject({
      status: 'invalid',
      evidence: 'requests_total has no label outcom: it has outcome',
    });
  });

  it('does not judge the labels of another counter that was never seen', async () => {
    const settings = { metric: 'errors_total', labels: { kind: 'timeout' } };
    expect(await ratio(settings, { requests_total: { value: 100, labelNames: ['outcome'] } })).toMatchObject({
      status: 'pass',
    });
  });

  it('is harm at its limit already: it has to stay under it', async () => {
    const counted = { requests_total: { value: 300 }, errors_total: { value: 3 } };
    expect(await ratio({ metric: 'errors_total' }, counted)).toMatchObject({ status: 'fail', value: 1 });
    const better = { requests_total: { value: 301 }, errors_total: { value: 3 } };
    expect(await ratio({ metric: 'errors_total' }, better)).toMatchObject({ status: 'pass' });
  });

  it('is neither harm nor health for a few single failures, or when nothing was asked', async () => {
    const few = { requests_total: { value: 20 }, errors_total: { value: 2 } };
    expect(await ratio({ metric: 'errors_total' }, few)).toMatchObject({
      status: 'inconclusive',
      evidence: '2 of 3 failures: 2 of 20 (10 %) errors_total; under 1 % required',
    });
    expect(await ratio({ metric: 'errors_total' }, {})).toMatchObject({
      status: 'inconclusive',
      value: null,
    });
  });
});
