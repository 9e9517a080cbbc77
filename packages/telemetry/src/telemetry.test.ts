import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { BatchRefusedError, parseBatch, type TelemetryBatch } from './batch.ts';
import { createTelemetry, type RequestScope, type Telemetry } from './telemetry.ts';

const silent = { info: () => undefined, warn: vi.fn<() => void>() };
let sent: TelemetryBatch[] = [];
let isAway = false;
let revision = 1;
let request: RequestScope | undefined;
const open: Telemetry[] = [];

beforeEach(() => {
  sent = [];
  isAway = false;
  revision = 1;
  request = undefined;
  silent.warn.mockClear();
  vi.useFakeTimers();
});
afterEach(async () => {
  isAway = false;
  for (const telemetry of open.splice(0)) await telemetry.stop();
  vi.useRealTimers();
});

function start(options: Partial<Parameters<typeof createTelemetry>[0]> = {}): Telemetry {
  const telemetry = createTelemetry({
    sink: {
      send: async (batch) => {
        if (isAway) throw new Error('away');
        sent.push(structuredClone(batch));
      },
      close: async () => undefined,
    },
    process: 'shop-1',
    revision: () => revision,
    currentRequest: () => request,
    log: silent,
    ...options,
  });
  open.push(telemetry);
  return telemetry;
}

const answer = (telemetry: Telemetry, flagKey: string, variant: string, targetingKey: string) =>
  telemetry.hook.after({ flagKey, context: { targetingKey } }, { variant });
const exposures = () => sent.flatMap((batch) => batch.exposures);

describe('who was shown what', () => {
  test('is told once for a revision of the flags, however often it was answered', async () => {
    const telemetry = start();
    for (let times = 0; times < 1_000; times += 1) {
      answer(telemetry, 'search', 'on', 'anna');
      answer(telemetry, 'search', 'off', 'ben');
    }
    await telemetry.flush();
    expect(exposures()).toMatchObject([
      { flag: 'search', variant: 'on', person: 'anna', revision: 1 },
      { flag: 'search', variant: 'off', person: 'ben', revision: 1 },
    ]);
    revision = 2;
    answer(telemetry, 'search', 'on', 'anna');
    await telemetry.flush();
    expect(exposures()).toHaveLength(3);
    expect(exposures()[2]).toMatchObject({ variant: 'on', person: 'anna', revision: 2 });
  });

  test('leaves out who cannot be stored, before the whole batch is refused for them', async () => {
    const telemetry = start();
    for (const person of ['', 'nul\0', 'half \ud800', 'x'.repeat(201), 'anna']) {
      answer(telemetry, 'search', 'on', person);
      telemetry.track('search', { targetingKey: person });
    }
    telemetry.track('nul\0', { targetingKey: 'anna' });
    await telemetry.flush();
    expect(exposures().map(({ person }) => person)).toEqual(['anna']);
    expect(sent.flatMap(({ uses }) => uses).map(({ event, person }) => [event, person])).toEqual([
      ['search', 'anna'],
    ]);
  });

  test('carries its age, which grows while nobody takes it', async () => {
    isAway = true;
    const telemetry = start({ sendEveryMs: 1_000_000 });
    answer(telemetry, 'search', 'on', 'anna');
    await vi.advanceTimersByTimeAsync(700);
    await telemetry.flush();
    await vi.advanceTimersByTimeAsync(300);
    isAway = false;
    await telemetry.flush();
    expect(exposures().map(({ ageMs }) => Math.round(ageMs))).toEqual([1_000]);
  });

  test('is nobody without an id, and nothing of flags that were not asked for', async () => {
    const telemetry = start({ flags: ['search'] });
    answer(telemetry, 'search', 'on', '');
    answer(telemetry, 'share', 'value', 'anna');
    telemetry.hook.after({ flagKey: 'search', context: {} }, { variant: 'on' });
    telemetry.hook.after({ flagKey: 'search', context: { targetingKey: 'anna' } }, {});
    await telemetry.flush();
    expect(sent).toEqual([]);
  });
});

describe('who used what', () => {
  test('is counted by person and told as one', async () => {
    const telemetry = start();
    telemetry.track('search', { targetingKey: 'anna' });
    telemetry.track('search', { targetingKey: 'anna' });
    telemetry.track('search', { targetingKey: 'ben' });
    telemetry.track('search', {});
    await telemetry.flush();
    expect(sent.flatMap(({ uses }) => uses)).toMatchObject([
      { event: 'search', person: 'anna', count: 2 },
      { event: 'search', person: 'ben', count: 1 },
    ]);
  });
});

describe('how requests went', () => {
  const finish = (telemetry: Telemetry, outcome: { failed: boolean; durationMs: number }) => {
    if (request) telemetry.countRequest(request, outcome);
  };

  test('is summed up by flag, variant and person, for the flags that were answered in them', async () => {
    const telemetry = start({ windowMs: 5_000, slowAfterMs: 200 });
    for (const [person, variant, outcome] of [
      ['anna', 'on', { failed: false, durationMs: 10 }],
      ['anna', 'on', { failed: true, durationMs: 900 }],
      ['ben', 'off', { failed: false, durationMs: 201 }],
    ] as const) {
      request = new Map();
      answer(telemetry, 'search', variant, person);
      answer(telemetry, 'search', variant, person);
      finish(telemetry, outcome);
    }
    await vi.advanceTimersByTimeAsync(6_000);
    expect(sent.flatMap(({ windows }) => windows)).toMatchObject([
      { flag: 'search', variant: 'on', people: ['anna'], requests: [2], failed: [1], slow: [1] },
      { flag: 'search', variant: 'off', people: ['ben'], requests: [1], failed: [0], slow: [1] },
    ]);
  });

  test('is counted by flag and variant in OpenMetrics, never by combinations of flags', () => {
    const telemetry = start({ edgesSeconds: [0.1, 0.2] });
    for (const [first, second, durationMs] of [
      ['on', 'off', 50],
      ['off', 'on', 150],
      ['on', 'on', 2_000],
    ] as const) {
      request = new Map();
      answer(telemetry, 'search', first, 'anna');
      answer(telemetry, 'calls"', second, 'anna');
      finish(telemetry, { failed: durationMs > 1_000, durationMs });
    }
    const lines = telemetry.metrics().split('\n');
    expect(lines.filter((line) => line.includes('_total'))).toEqual([
      'crossfade_flag_requests_total{flag="search",variant="on",outcome="ok"} 1',
      'crossfade_flag_requests_total{flag="search",variant="on",outcome="error"} 1',
      'crossfade_flag_requests_total{flag="calls\\"",variant="off",outcome="ok"} 1',
      'crossfade_flag_requests_total{flag="calls\\"",variant="off",outcome="error"} 0',
      'crossfade_flag_requests_total{flag="search",variant="off",outcome="ok"} 1',
      'crossfade_flag_requests_total{flag="search",variant="off",outcome="error"} 0',
      'crossfade_flag_requests_total{flag="calls\\"",variant="on",outcome="ok"} 1',
      'crossfade_flag_requests_total{flag="calls\\"",variant="on",outcome="error"} 1',
    ]);
    expect(
      lines.filter((line) => line.includes('flag="search",variant="on"') && line.includes('duration')),
    ).toEqual([
      'crossfade_flag_request_duration_seconds_bucket{flag="search",variant="on",le="0.1"} 1',
      'crossfade_flag_request_duration_seconds_bucket{flag="search",variant="on",le="0.2"} 1',
      'crossfade_flag_request_duration_seconds_bucket{flag="search",variant="on",le="+Inf"} 2',
      'crossfade_flag_request_duration_seconds_count{flag="search",variant="on"} 2',
      'crossfade_flag_request_duration_seconds_sum{flag="search",variant="on"} 2.05',
    ]);
  });
});

describe('while nobody takes the news', () => {
  test('they are kept in order and sent again with the same id; it is said once, and when it is over', async () => {
    const telemetry = start();
    isAway = true;
    answer(telemetry, 'search', 'on', 'anna');
    await vi.advanceTimersByTimeAsync(10_000);
    revision = 2;
    answer(telemetry, 'search', 'on', 'anna');
    await vi.advanceTimersByTimeAsync(10_000);
    expect(sent).toEqual([]);
    expect(silent.warn).toHaveBeenCalledTimes(1);
    isAway = false;
    await vi.advanceTimersByTimeAsync(2_000);
    expect(exposures().map((exposure) => exposure.revision)).toEqual([1, 2]);
    expect(new Set(sent.map(({ id }) => id)).size).toBe(2);
  });

  test('what has no room is dropped, the oldest first, and counted', async () => {
    const telemetry = start();
    isAway = true;
    for (revision = 1; revision <= 155; revision += 1) {
      answer(telemetry, 'search', 'on', 'anna');
      await telemetry.flush();
    }
    isAway = false;
    revision = 1_000;
    answer(telemetry, 'search', 'on', 'anna');
    await telemetry.flush();
    const told = exposures().map((exposure) => exposure.revision);
    expect([told[0], told.at(-1)]).toEqual([7, 1_000]);
    telemetry.noteRevision(1);
    await telemetry.flush();
    expect(sent.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(6);
  });

  test('one that is refused for what it says is dropped and counted, and those behind it arrive', async () => {
    const telemetry = start({
      sink: {
        send: async (batch) => {
          if (batch.exposures.some(({ person }) => person === 'bad'))
            throw new BatchRefusedError('no such person');
          sent.push(structuredClone(batch));
        },
        close: async () => undefined,
      },
    });
    answer(telemetry, 'search', 'on', 'bad');
    await telemetry.flush();
    answer(telemetry, 'search', 'on', 'anna');
    await telemetry.flush();
    expect(exposures().map(({ person }) => person)).toEqual(['anna']);
    expect(sent.reduce((sum, { dropped }) => sum + dropped, 0)).toBe(1);
    expect(silent.warn).toHaveBeenCalledTimes(1);
  });

  test('a process that ends waits a second at most', async () => {
    const telemetry = start({
      sink: { send: async () => await new Promise(() => undefined), close: async () => undefined },
    });
    answer(telemetry, 'search', 'on', 'anna');
    const ended = telemetry.stop();
    await vi.advanceTimersByTimeAsync(1_000);
    await expect(ended).resolves.toBeUndefined();
  });
});

describe('a batch that somebody sent', () => {
  const batch = {
    id: 'a-1',
    process: 'shop-1',
    exposures: [],
    uses: [],
    windows: [],
    receipts: [],
    dropped: 0,
  };
  const window = {
    flag: 'f',
    variant: 'on',
    lengthMs: 1,
    ageMs: 0,
    people: ['anna'],
    requests: [1],
    failed: [0],
    slow: [0],
  };

  test('is taken as our own telemetry writes it', async () => {
    const telemetry = start({ windowMs: 1 });
    request = new Map();
    answer(telemetry, 'search', 'on', 'anna');
    telemetry.countRequest(request, { failed: false, durationMs: 1 });
    telemetry.track('search', { targetingKey: 'anna' });
    telemetry.noteRevision(3);
    await vi.advanceTimersByTimeAsync(3_000);
    expect(sent).not.toEqual([]);
    for (const each of sent) expect(parseBatch(JSON.parse(JSON.stringify(each)))).toEqual(each);
  });

  test.each([
    [null, 'the batch: '],
    [{ ...batch, process: 'a\0b' }, 'process: expected no NUL'],
    [{ ...batch, process: '\uD800' }, 'process: expected no NUL and no half of a character'],
    [
      { ...batch, windows: [window, { ...window, people: ['ben'] }] },
      'windows: expected one window for each flag',
    ],
    ['news', 'the batch: '],
    [{}, 'id: '],
    [{ ...batch, dropped: -1 }, 'dropped: '],
    [{ ...batch, more: 1 }, 'the batch: '],
    [{ ...batch, exposures: [{ flag: 'f' }] }, 'exposures.0.variant: '],
    [{ ...batch, windows: [{ ...window, requests: [] }] }, 'windows.0: expected lists of one length'],
    [{ ...batch, windows: [{ ...window, slow: [0.5] }] }, 'windows.0.slow.0: '],
    [{ ...batch, receipts: [{ revision: 1, ageMs: Number.NaN }] }, 'receipts.0.ageMs: '],
  ])('is refused: %j', (found, told) => {
    expect(() => parseBatch(found)).toThrow(told);
  });
});
