import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { addNotice, changeNotice, endNotice, type Queries } from '../queries/notices.ts';
import type { ParleyServer } from '../server.ts';
import { call } from '../testing/client.ts';
import { createParleyFixture, type ParleyFixture, type TestPerson } from '../testing/parley-fixture.ts';

let parley: ParleyFixture;
let server: ParleyServer;
let maja: TestPerson;
let queries: Queries;

beforeAll(async () => {
  parley = await createParleyFixture();
  server = await parley.startServer();
  await server.app.ready();
  maja = await parley.addPerson('Maja');
  queries = {
    query: async <Row>(sql: string, values: unknown[]) => (await parley.sql(sql, values)) as Row[],
  };
});
afterAll(async () => await parley.close());

const notices = async () =>
  (await call<{ notices: object[] }>(server.app, '/v1/notices', { as: maja })).body.notices;

describe('a notice', () => {
  it('is shown to everybody until it ends, with how far it is', async () => {
    const until = new Date('2026-11-26T11:30:00Z');
    const id = await addNotice(queries, {
      kind: 'work',
      title: 'Older messages are being sealed.',
      text: 'Nothing stops.',
      progress: 0.1,
      until,
    });
    expect(await changeNotice(queries, id, 0.62)).toBe(true);
    expect(await notices()).toMatchObject([
      { id, kind: 'work', progress: expect.closeTo(0.62, 3) as number, until: until.toISOString() },
    ]);
    expect(await endNotice(queries, id)).toBe(true);
    expect(await endNotice(queries, id)).toBe(false);
    expect(await notices()).toEqual([]);
  });

  it('of trouble stands above all others', async () => {
    const add = async (kind: 'info' | 'work' | 'trouble') =>
      await addNotice(queries, { kind, title: kind, text: '', progress: null, until: null });
    for (const kind of ['info', 'trouble', 'work'] as const) await add(kind);
    expect(await notices()).toMatchObject([{ title: 'trouble' }, { title: 'work' }, { title: 'info' }]);
  });
});

describe('what a migration is at work on', () => {
  it('is told as long as it is shown, above other work and below trouble', async () => {
    await parley.sql('UPDATE parley.notices SET ended_at = now()');
    await addNotice(queries, { kind: 'work', title: 'other work', text: '', progress: null, until: null });
    await addNotice(queries, { kind: 'trouble', title: 'trouble', text: '', progress: null, until: null });
    await parley.sql('CREATE SCHEMA crossfade');
    await parley.sql(
      `CREATE TABLE crossfade.notices (step_id text PRIMARY KEY, title text NOT NULL, text text NOT NULL,
         progress double precision, started_at timestamptz NOT NULL DEFAULT now(), shown_at timestamptz NOT NULL DEFAULT now())`,
    );
    await parley.sql(
      `INSERT INTO crossfade.notices (step_id, title, text, progress) VALUES ('fill', 'Search gets better', '', 0.4)`,
    );
    expect(await notices()).toMatchObject([
      { title: 'trouble' },
      { id: 'crossfade/fill', kind: 'work', title: 'Search gets better', progress: 0.4 },
      { title: 'other work' },
    ]);
    await parley.sql(`UPDATE crossfade.notices SET shown_at = now() - interval '1 minute'`);
    expect(await notices()).toMatchObject([{ title: 'trouble' }, { title: 'other work' }]);
  });
});

describe('the status', () => {
  it('is there for everybody, signed in or not', async () => {
    const { status, body } = await call<{ checks: { name: string; ok: boolean }[] }>(
      server.app,
      '/v1/status',
    );
    expect(status).toBe(200);
    expect(body.checks.map(({ name }) => name)).toEqual(['database', 'cache', 'realtime']);
  });
});

describe('how people find a feature', () => {
  it('counts once for each of them', async () => {
    const rate = async (score: unknown, feature = 'virtual_scrolling') =>
      (await call(server.app, '/v1/ratings', { method: 'POST', as: maja, body: { feature, score } })).status;
    expect([await rate(4), await rate(1)]).toEqual([204, 204]);
    expect([await rate(0), await rate(6), await rate(2.5), await rate(3, 'no such feature')]).toEqual([
      400, 400, 400, 400,
    ]);
    expect((await call(server.app, '/v1/ratings/mine', { as: maja })).body).toEqual({
      features: ['virtual_scrolling'],
    });
    const metrics = await server.metrics.text();
    expect(metrics).toContain('parley_satisfaction_score_sum{feature="virtual_scrolling"} 4');
    expect(metrics).toContain('parley_satisfaction_score_count{feature="virtual_scrolling"} 1');
  });
});
