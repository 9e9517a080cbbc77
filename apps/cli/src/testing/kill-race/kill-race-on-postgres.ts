import { setTimeout as sleep } from 'node:timers/promises';
import { appendOperatorCommand, runController, systemClock, systemRandom } from '@crossfade/controller';
import {
  emptyJournal,
  foldJournal,
  verifyChain,
  type AppendRequest,
  type ControlStore,
  type JournalEntry,
} from '@crossfade/engine';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { createPostgresStore } from '@crossfade/store';
import { Client } from 'pg';
import { loadJournal } from '../../control.ts';
import { chosenFlags, switchFlags } from '../../flags/switch-flags.ts';
import { Seeded } from '../faults/seeded.ts';
import { until } from '../until.ts';
import { keenTarget, promotionPlan, runStarted } from './promotion-plan.ts';
import { stepsNotAtRest } from './steps-not-at-rest.ts';
import { killedFlags, notOffFor, promotionsOfKilled, wrongInTheEnd } from './watched-commits.ts';

const bound = promotionPlan();
const hourMs = 20;
const unused = async (): Promise<never> => {
  throw new Error('the steps of a race do not use it');
};

/** What came of one race. */
export interface PostgresRace {
  /** Whatever did not hold, in words. */
  readonly violations: readonly string[];
  /** Of the controller, or of the operator: an append met a journal that had moved on. */
  readonly conflicts: number;
}

/**
 * A controller and an operator, each with connections of its own. The operator begins when the controller is about to commit a
 * promotion, and either waits for some microseconds more.
 */
export async function raceKillOnPostgres(seed: number): Promise<PostgresRace> {
  const random = new Seeded(seed);
  const { url, directUrl, drop } = await createTestDatabase();
  const stopping = new AbortController();
  const opened: ControlStore[] = [];
  const open = async (applicationName: string): Promise<ControlStore> => {
    const store = await createPostgresStore({ connectionString: url, applicationName });
    opened.push(store);
    return store;
  };
  try {
    const [leaders, operators] = [await open('race-controller'), await open('race-operator')];
    await appendOperatorCommand({ store: operators, plan: bound.plan }, () => [
      { runId: 'run-1', actor: 'test', event: runStarted(bound, hourMs) },
    ]);
    const race = racing(leaders, operators, random);
    const controller = runController({
      store: race.store,
      bound,
      target: keenTarget,
      metrics: { counterIncrease: unused, histogramIncrease: unused, ask: unused },
      notifier: { send: unused },
      clock: systemClock,
      random: systemRandom,
      holder: 'first',
      signal: stopping.signal,
    });
    await race.operator;
    await until('the rollouts to end, or to be held', async () => await isAtRest(operators));
    stopping.abort();
    await controller;
    const entries = await operators.readJournal(0);
    const documents = await publishedDocuments(directUrl);
    return { violations: wrongIn(entries, documents), conflicts: race.conflicts() };
  } finally {
    stopping.abort();
    for (const store of opened) await store.close();
    await drop();
  }
}

interface Racing {
  /** The controller's. */
  readonly store: ControlStore;
  /** Ends when the operator has done all that the seed says. */
  readonly operator: Promise<void>;
  readonly conflicts: () => number;
}

function racing(leaders: ControlStore, operators: ControlStore, random: Seeded): Racing {
  const nth = random.between(1, 5);
  const [leaderUs, operatorUs] = [random.between(0, 3_000), random.between(0, 3_000)];
  const flags = random.pick<readonly string[] | 'all'>([['search'], ['calls'], 'all']);
  const enableAfterMs = random.pick([true, false]) ? random.between(0, 150) : undefined;
  const { promise: begun, resolve: begin } = Promise.withResolvers<void>();
  let promotions = 0;
  let conflicts = 0;
  const counting = async (store: ControlStore, request: AppendRequest) => {
    const answer = await store.append(request);
    if (answer.status === 'conflict') conflicts += 1;
    return answer;
  };
  const store: ControlStore = {
    ...leaders,
    append: async (request) => {
      if (request.entries.some(({ event }) => event.type === 'exposure.changed')) promotions += 1;
      if (promotions === nth) {
        begin();
        await microseconds(leaderUs);
      }
      return await counting(leaders, request);
    },
  };
  const own = { ...operators, append: async (request: AppendRequest) => await counting(operators, request) };
  const order = async (off: boolean): Promise<void> => {
    const { journal } = await loadJournal(own);
    const chosen = chosenFlags(bound, journal, flags);
    await switchFlags(own, bound, { off, flags: chosen, reason: 'it burns', actor: 'operator' });
  };
  const operate = async (): Promise<void> => {
    await begun;
    await microseconds(operatorUs);
    await order(true);
    if (enableAfterMs === undefined) return;
    await sleep(enableAfterMs);
    await order(false);
  };
  return { store, operator: operate(), conflicts: () => conflicts };
}

/** Finer than a timer, and with room for whoever else is in this process. */
async function microseconds(durationUs: number): Promise<void> {
  const endsNs = process.hrtime.bigint() + BigInt(durationUs) * 1_000n;
  while (process.hrtime.bigint() < endsNs) await new Promise((resolve) => setImmediate(resolve));
}

async function isAtRest(store: ControlStore): Promise<true | undefined> {
  const entries = await store.readJournal(0);
  const { run } = foldJournal(emptyJournal, entries);
  return run && stepsNotAtRest(run, killedFlags(entries)).length === 0 ? true : undefined;
}

/** Every document that applications could ever have read, by revision. */
async function publishedDocuments(connectionString: string): Promise<ReadonlyMap<number, string>> {
  const client = new Client({ connectionString });
  await client.connect();
  try {
    const { rows } = await client.query<{ revision: string; document: string }>(
      'select revision, document from crossfade.flag_documents',
    );
    return new Map(rows.map(({ revision, document }) => [Number(revision), document]));
  } finally {
    await client.end();
  }
}

function wrongIn(
  entries: readonly JournalEntry[],
  documents: ReadonlyMap<number, string>,
): readonly string[] {
  const wrong = [...promotionsOfKilled(entries)];
  const chain = verifyChain(entries);
  if (!chain.ok) wrong.push(`the chain is broken: ${JSON.stringify(chain)}`);
  let document = '{"flags":{}}';
  for (const [at, { event, actor, seq }] of entries.entries()) {
    if (event.type === 'flags.published') document = documents.get(event.revision) ?? 'none';
    // Within a command the document comes after its kills, and in force they come together.
    const next = entries[at + 1];
    if (actor === 'operator' && next?.actor === 'operator' && next.event.type !== 'flag.enabled') continue;
    const killed = [...killedFlags(entries.slice(0, at + 1))];
    for (const flag of killed.filter((one) => notOffFor(document, one).length > 0)) {
      wrong.push(`${flag} is killed, and on for ${notOffFor(document, flag).join(', ')} after entry ${seq}`);
    }
  }
  return [...wrong, ...wrongInTheEnd(entries, document)];
}
