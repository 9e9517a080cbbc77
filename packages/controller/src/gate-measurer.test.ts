import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { bindPlan } from '@crossfade/engine';
import { gateCatalog } from '@crossfade/gates';
import { afterEach, expect, test } from 'vitest';
import { createGateMeasurer } from './gate-measurer.ts';
import { createOpenMetricsScraper } from './metrics/scraper.ts';
import { systemClock } from './system-ports.ts';
import { createWorld, workPlan } from './testing/work-plan.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

async function serve(answers: boolean): Promise<string> {
  const server = createServer((_request, response) => {
    if (answers) response.end('{"checks":{}}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  closing.push(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

test('a process that hangs is named by the gate that asks it, and one that needs only one passes', async () => {
  const hanging = await serve(false);
  const metrics = createOpenMetricsScraper({
    endpoints: [hanging, await serve(true)],
    now: () => Date.now(),
  });
  closing.push(async () => await metrics.stop());
  const { plan } = workPlan(createWorld());
  const health = gateCatalog['health'];
  if (!health) throw new Error('there is no gate type health');
  const gateOf = (require: string) => {
    const config = health.configSchema.parse({ path: '/readyz', require, timeout: '3s' });
    return { type: 'health', title: require, config };
  };
  const gates = { all: gateOf('all'), any: gateOf('any') };
  const bound = bindPlan({ ...plan, gates, phases: [] }, '', {}, { steps: {}, gates: gateCatalog });

  const window = { watcher: 'test', fromMs: 0, toMs: 0 };
  const measurer = createGateMeasurer({ bound, metrics, clock: systemClock });
  const verdicts = await measurer.measure([
    { gate: 'all', ...window },
    { gate: 'any', ...window },
  ]);
  expect(verdicts['all@test']).toMatchObject({
    status: 'inconclusive',
    evidence: expect.stringContaining(`${hanging} silent`) as string,
  });
  expect(verdicts['any@test']).toMatchObject({ status: 'pass' });
});
