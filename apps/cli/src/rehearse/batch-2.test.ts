import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { crossfadeHere } from '../testing/crossfade-here.ts';
import { rehearsalSchema, type Rehearsal } from './rehearsal-schema.ts';
import { startOwnSource, type OwnSource } from './testing/own-source.ts';

const folder = vi.hoisted(() => {
  process.env['CROSSFADE_FOLDER'] =
    `${process.env['TMPDIR'] ?? '/tmp'}/crossfade-rehearsal-of-2-${process.pid}`;
  return process.env['CROSSFADE_FOLDER'];
});
const root = join(import.meta.dirname, '..', '..', '..', '..');
const batch1 = readFileSync(join(root, 'apps/parley-server/sql/batch-1.sql'), 'utf8');

const people = `
  insert into auth.users (id, email) select ('00000000-0000-4000-8000-' || lpad(n::text, 12, '0'))::uuid, 'p' || n
    from generate_series(1, 30) n;
  insert into conversations (id, kind, last_seq) values ('00000000-0000-4000-9000-000000000000', 'channel', 5000);
  insert into messages (conversation_id, seq, sender_id, body, created_at)
    select '00000000-0000-4000-9000-000000000000', n, ('00000000-0000-4000-8000-' || lpad((1 + n % 30)::text, 12, '0'))::uuid,
           'message ' || n, timestamptz '2020-01-01' + n * interval '1 hour'
      from generate_series(1, 5000) n;
  analyze;`;

let source: OwnSource;
let told: Rehearsal;
beforeAll(async () => {
  source = await startOwnSource(batch1 + people);
  const plan = join(root, 'plans', 'batch-2');
  const { stdout, stderr } = await crossfadeHere('rehearse', plan, '--database', source.url, '--json');
  const parsed = rehearsalSchema.safeParse(JSON.parse(stdout));
  if (!parsed.success) throw new Error(`no rehearsal: ${stdout}${stderr}`);
  told = parsed.data;
});
afterAll(async () => {
  await source.stop();
  rmSync(folder, { recursive: true, force: true });
});

const migrations = [
  'add-performance-indexes',
  'add-encryption-tables',
  'add-audit-logs',
  'add-message-search',
  'index-message-search',
  'add-message-fingerprints',
];

it('rehearses every migration of plans/batch-2, and all of them went well', () => {
  const schemaSteps = told.passes[1]?.steps.filter(({ type }) => type === 'schema').map(({ step }) => step);
  expect(schemaSteps?.toReversed()).toEqual(migrations);
  expect({ ok: told.ok, problems: told.problems }).toEqual({ ok: true, problems: [] });
  expect(told.passes.map(({ direction }) => direction)).toEqual(['forward', 'undo', 'forward']);
});

it.each(migrations)('%s: taken back, the database is what it was before', (migration) => {
  const undone = told.passes[1]?.steps.find(({ step }) => step === migration);
  expect(undone).toMatchObject({ status: 'done', differs: [] });
});

it('keeps nobody from a whole table for longer than a plan lets it: lock_timeout and hold_timeout together', () => {
  const longest = [told.longest.forward, told.longest.undo].map((lock) => lock?.fullHeldMs ?? 0);
  expect(Math.max(...longest)).toBeLessThan(600);
});
