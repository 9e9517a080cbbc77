import { TerminalError, type EffectOutcome, type Json } from '@crossfade/engine';
import { describe, expect, it } from 'vitest';
import { stepCatalog } from './catalog.ts';
import { StepWorld } from './testing/step-world.ts';

const settings: Readonly<Record<string, object>> = {
  backfill: {
    table: 'messages',
    key: 'id',
    set: { copy: 'upper(body)' },
    where: 'copy is null',
    dual_write: 'trigger',
    undo: { set: { copy: 'null' } },
  },
  check: { gates: ['healthy'], sql: [{ title: 'None is invalid', query: 'select 0', expect: 0 }] },
  contract: { of: 'points-instead-of-scores' },
  notify: { channel: 'team', subject: 'Batch 2 begins', message: 'messages/training.md' },
  reshape: { table: 'messages', key: 'id', columns: [{ from: 'score', to: 'points', type: 'integer' }] },
  rollout: {
    flags: ['search'],
    stages: [
      { group: 'alpha', gates: ['fast'] },
      { group: 'general', percentage: 50 },
    ],
  },
  schema: { file: 'sql/001.sql' },
  wait: { for: '2d' },
  warm: {
    parameter: 'cache_share',
    start: 10,
    increment: 10,
    every: '1d',
    target: 90,
    hit_rate: { metric: 'lookups', hit: { result: 'hit' }, of: { result: ['hit', 'miss'] } },
    target_hit_rate: 90,
  },
};

const types = Object.entries(stepCatalog).map(([name, type]) => ({
  name,
  type,
  config: type.configSchema.parse(settings[name]),
}));

function failed(error: string): EffectOutcome {
  return { status: 'failed', error, activeMs: 1, attempts: 3 };
}

describe.each(types)('a step of type $name', ({ name, type, config }) => {
  const world = new StepWorld({
    groups: {
      alpha: { title: 'Alpha', segment: 'writers', percentage: 5, holdBack: 0, at: null },
      general: { title: 'Everybody', segment: null, percentage: 100, holdBack: 0, at: null },
    },
  });

  it('says in one sentence what it will do', () => {
    expect(type.describe(config)).toMatch(/^[A-Z][^\n]+$/);
  });

  it('watches no gate before it has begun, but those of a check', () => {
    const gates = type.watches(world.view(config, null, null)).map(({ gate }) => gate);
    expect(gates).toEqual(name === 'check' ? type.references(config).gates : []);
  });

  it('refuses for good an effect that a newer Crossfade has asked for', async () => {
    const effect = { key: 'k', kind: 'from the future', input: null, config };
    const ended = type.perform(effect, world.context());
    await expect(ended).rejects.toThrow(`${name} has no effect from the future`);
    await expect(ended).rejects.toThrow(TerminalError);
  });

  it('has nothing to take back of what it never did', () => {
    const move = type.undo(world.view(config, null, null));
    expect(move.move).toBe('done');
  });
});

/** What each step has left in the journal when its effect comes back. */
const inTheMiddle: readonly (readonly [string, 'forward' | 'undo', Json])[] = [
  ['schema', 'forward', 'applying'],
  ['schema', 'undo', 'reverting'],
  ['backfill', 'forward', 'filling'],
  ['reshape', 'forward', { at: 'fill', rows: 0, compared: 0 }],
  ['reshape', 'undo', { at: 'restore', rows: 0, compared: 0 }],
  ['contract', 'forward', 'contracting'],
  ['contract', 'undo', 'looking'],
  ['check', 'forward', 'asking'],
  ['notify', 'forward', null],
  [
    'rollout',
    'forward',
    { stage: 0, status: 'admitting', enteredAtMs: 0, enteredPlanMs: 0, heldFor: null, passed: [] },
  ],
  ['warm', 'forward', { before: 0, value: 90, raisedAtPlanMs: 0, settledSinceMs: 0, measurements: 1 }],
];

describe('a step whose effect has failed', () => {
  it.each(inTheMiddle)('%s fails with the same words, %s', (name, direction, data) => {
    const found = types.find((type) => type.name === name);
    if (!found) throw new Error(`no step type ${name}`);
    const view = new StepWorld().view(found.config, data, failed('disk full'));
    const move = direction === 'forward' ? found.type.forward(view) : found.type.undo(view);
    expect(move).toEqual({ move: 'fail', reason: 'disk full' });
  });
});
