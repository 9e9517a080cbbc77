import { describe, expect, test } from 'vitest';
import { parseOpenMetrics, parseSeries } from './parse-open-metrics.ts';

const exposition = `# HELP parley_requests Requests served.
# TYPE parley_requests counter
parley_requests_total{route="/v1/search",outcome="ok"} 12 1700000000.5 # {trace_id="a}b"} 1 1700000000
parley_requests_total{route="/v1/search",outcome="error"} 0
# TYPE parley_request_duration_seconds histogram
parley_request_duration_seconds_bucket{le="0.2",route="/v1"} 3
parley_request_duration_seconds_bucket{le="+Inf",route="/v1"} 4
parley_sockets 17
large 1.5e+09
nonsense
broken{route="/v1" 4
not_a_number{a="b"} NaN
# EOF
`;

test('reads every line that makes sense, without timestamps and exemplars', () => {
  expect(parseOpenMetrics(exposition)).toEqual([
    { series: 'parley_requests_total{route="/v1/search",outcome="ok"}', value: 12 },
    { series: 'parley_requests_total{route="/v1/search",outcome="error"}', value: 0 },
    { series: 'parley_request_duration_seconds_bucket{le="0.2",route="/v1"}', value: 3 },
    { series: 'parley_request_duration_seconds_bucket{le="+Inf",route="/v1"}', value: 4 },
    { series: 'parley_sockets', value: 17 },
    { series: 'large', value: 1.5e9 },
  ]);
});

test('a value may hold braces, commas, equals signs and escapes', () => {
  const [line] = parseOpenMetrics(String.raw`m{a="x\"}, y=\"z\\",b="line\nbreak",} 7`);
  expect(line?.value).toBe(7);
  expect(parseSeries(line?.series ?? '')).toEqual({
    name: 'm',
    labels: { a: String.raw`x"}, y="z` + '\\', b: 'line\nbreak' },
  });
});

describe('a series', () => {
  test.each([
    ['m', { name: 'm', labels: {} }],
    ['m{}', { name: 'm', labels: {} }],
    ['m{a="b"}', { name: 'm', labels: { a: 'b' } }],
    ['m{a="b" c="d"}', undefined],
    ['m{a=b}', undefined],
  ])('%s', (series, expected) => {
    expect(parseSeries(series)).toEqual(expected);
  });
});
