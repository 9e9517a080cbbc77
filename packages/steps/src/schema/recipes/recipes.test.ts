import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { exerciseStep } from '../../testing/exercise-step.ts';
import { recipeCases, recipeTables, wrongWith } from '../../testing/recipe-cases.ts';
import { StepWorld } from '../../testing/step-world.ts';
import { createTestTarget, type TestTarget } from '../../testing/test-target.ts';
import { catalogDigest } from '../catalog-digest.ts';
import { schemaStep } from '../definition.ts';
import { readServerMajor } from './read-ground.ts';

let database: TestTarget;
let serverMajor: number;
beforeAll(async () => {
  database = await createTestTarget(recipeTables);
  serverMajor = await readServerMajor(database.connection);
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

describe.each(Object.entries(recipeCases))('%s', (_title, { change, makes, from = 0 }) => {
  it('is one that validation lets pass', () => {
    expect(schemaStep.lint(config(change), {})).toEqual([]);
  });

  it('is made and taken back, whatever happens in between', async (test) => {
    test.skip(serverMajor < from, `from Postgres ${from} on`);
    await exerciseStep({
      type: schemaStep,
      settings: { change },
      createWorld: newRun,
      snapshot: digest,
      verifyDone: async () => {
        expect(await wrongWith(database.connection, makes)).toEqual([]);
      },
    });
  });
});
