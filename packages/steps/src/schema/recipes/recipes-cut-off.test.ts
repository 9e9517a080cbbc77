import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { cutOffEverywhere } from '../../testing/cut-off-everywhere.ts';
import { recipeCases, recipeTables, wrongWith } from '../../testing/recipe-cases.ts';
import { StepWorld } from '../../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../../testing/test-target.ts';
import { catalogDigest } from '../catalog-digest.ts';
import { schemaStep } from '../definition.ts';

let database: TestTarget;
beforeAll(async () => {
  database = await createTestTarget(recipeTables);
});
afterAll(async () => await database.drop());

const digest = async () => (await catalogDigest(database.connection)).objects;
const config = (change: object) => schemaStep.configSchema.parse({ change });
let runs = 0;
/** Past any pooler: what is built CONCURRENTLY needs a session of its own. */
function newRun(): StepWorld {
  runs += 1;
  return new StepWorld({ target: database.directTarget, runId: `run-${runs}` });
}

const effect = (change: object, kind: string) => ({
  key: `k/${kind}`,
  kind,
  input: null,
  config: config(change),
});

// Longer than a busy machine takes for some hundred connections.
const patience = { timeout: 300_000 };
const cutOff = Object.entries(recipeCases).filter(([, { sameStatements }]) => !sameStatements);

describe.each(cutOff)('%s, cut off after every statement', patience, (_title, { change, makes, isLong }) => {
  const every = isLong ? 3 : 1;
  it('is made whole by a successor', async () => {
    const before = await digest();
    await cutOffEverywhere({
      type: schemaStep,
      config: config(change),
      every,
      kind: 'apply',
      prepare: () => Promise.resolve(newRun()),
      verify: async (world) => {
        expect(await wrongWith(database.connection, makes)).toEqual([]);
        await schemaStep.perform(effect(change, 'revert'), world.context());
        expect(await digest()).toEqual(before);
      },
    });
  });

  it('is taken back whole by a successor', async () => {
    const before = await digest();
    await cutOffEverywhere({
      type: schemaStep,
      config: config(change),
      every,
      kind: 'apply',
      successorKind: 'revert',
      prepare: () => Promise.resolve(newRun()),
      verify: async () => {
        expect(await digest()).toEqual(before);
      },
    });
  });

  it('has an undo that a successor completes', async () => {
    const before = await digest();
    await cutOffEverywhere({
      type: schemaStep,
      config: config(change),
      every,
      kind: 'revert',
      prepare: async () => {
        const world = newRun();
        await schemaStep.perform(effect(change, 'apply'), world.context());
        return world;
      },
      verify: async () => {
        expect(await digest()).toEqual(before);
      },
    });
  });
});
