import { readdirSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parsePlan, type Step } from '@crossfade/plan';
import { afterAll, beforeAll, expect, it } from 'vitest';
import { z } from 'zod';
import { stepCatalog } from './catalog.ts';
import { catalogDigest } from './schema/catalog-digest.ts';
import { driveStep } from './testing/drive-step.ts';
import { StepWorld } from './testing/step-world.ts';
import { createTestTarget, type TestTarget } from './testing/test-target.ts';

const root = fileURLToPath(new URL('../../../', import.meta.url));
const folder = `${root}plans/batch-2/`;
const files = Object.fromEntries(
  readdirSync(folder, { recursive: true, encoding: 'utf8' })
    .filter((name) => /\.\w+$/.test(name))
    .map((name) => [name.replaceAll('\\', '/'), readFileSync(folder + name, 'utf8')]),
);
const { plan, findings } = parsePlan(
  files,
  {
    steps: stepCatalog,
    gates: { threshold: { configSchema: z.looseObject({}) }, health: { configSchema: z.looseObject({}) } },
  },
  { today: '2026-01-01' },
);
const steps = (plan?.phases ?? []).flatMap((phase) => phase.steps);

const people = `
  insert into auth.users (id, email) select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'p' || n
    from generate_series(1, 30) n;
  insert into conversations (id, kind, last_seq) values ('00000000-0000-4000-9000-000000000000', 'channel', 300);
  insert into messages (conversation_id, seq, sender_id, body, created_at)
    select '00000000-0000-4000-9000-000000000000', n, ('00000000-0000-4000-8000-' || lpad((1 + n % 30)::text, 12, '0'))::uuid,
           'message ' || n, timestamptz '2020-01-01' + n * interval '1 hour'
      from generate_series(1, 300) n;
`;

let database: TestTarget;
beforeAll(async () => {
  database = await createTestTarget(readFileSync(`${root}apps/parley-server/sql/batch-1.sql`, 'utf8'));
  await database.connection.query(people);
});
afterAll(async () => await database.drop());

/** On the server itself, as DATABASE_DIRECT_URL leads there: the plan builds indexes CONCURRENTLY. */
const world = (stepId: string) =>
  new StepWorld({
    target: database.directTarget,
    files,
    stepId,
    segments: plan?.segments ?? {},
    speed: 20_000,
  });

/** Gates need an application that runs: here the database alone is asked. */
function withoutGates({ type, config }: Step): unknown {
  const asked = z.looseObject({ sql: z.array(z.unknown()) }).safeParse(config);
  return type === 'check' && asked.success ? { ...asked.data, gates: [] } : config;
}

async function drive(step: Step, direction: 'forward' | 'undo'): Promise<void> {
  const type = stepCatalog[step.type];
  if (!type) throw new Error(`no step type ${step.type}`);
  const data = direction === 'undo' ? 'begun' : null;
  const end = await driveStep(type, withoutGates(step), world(step.id), { direction, fate: 'once', data });
  expect(end, `${direction} of ${step.id}`).toMatchObject({ end: 'done' });
}

it('plans/batch-2 changes, fills, checks and takes back a real database as it stands', async () => {
  expect(findings).toEqual([]);
  const before = await catalogDigest(database.connection);
  const atWork = steps.filter(({ type }) => ['schema', 'backfill', 'check'].includes(type));
  for (const step of atWork) {
    await drive(step, 'forward');
    // People go on: one changes an old message, nobody writes a new one before the next check looks.
    if (step.type === 'schema')
      await database.connection.query(`update messages set body = body || '!' where seq = 7`);
  }
  expect((await catalogDigest(database.connection)).digest).not.toBe(before.digest);
  for (const step of atWork.toReversed()) if (step.type !== 'check') await drive(step, 'undo');
  expect((await catalogDigest(database.connection)).objects).toEqual(before.objects);
}, 60_000);

it.each(Object.keys(plan?.segments ?? {}))('the segment %s finds people', async (segment) => {
  const { rollout } = stepCatalog;
  const context = world('admit');
  const effect = { key: 'k', kind: 'admit', input: { segment }, config: {} };
  expect(await rollout?.perform(effect, context.context())).toEqual({ segment, found: 30, size: 30 });
});
