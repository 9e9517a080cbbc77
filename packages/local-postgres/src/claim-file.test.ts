import { AsyncLocalStorage } from 'node:async_hooks';
import fc from 'fast-check';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { claimFile, readHolder } from './claim-file.ts';
import type { ProcessIdentity } from './process-identity.ts';

/** A disk in memory; what happens right before each call to it; and which processes run. */
const world = vi.hoisted(() => ({
  files: new Map<string, { text: string }>(),
  beforeCall: async (): Promise<void> => {},
  running: new Set<number>(),
}));

vi.mock('node:fs/promises', () => {
  const { files } = world;
  const fail = (code: string): never => {
    throw Object.assign(new Error(code), { code });
  };
  const present = (file: string): { text: string } => files.get(file) ?? fail('ENOENT');
  const create = (file: string, found: { text: string }): void => {
    if (files.has(file)) fail('EEXIST');
    files.set(file, found);
  };
  return {
    async link(from: string, to: string) {
      await world.beforeCall();
      create(to, present(from));
    },
    async readFile(file: string) {
      await world.beforeCall();
      return present(file).text;
    },
    async rename(from: string, to: string) {
      await world.beforeCall();
      files.set(to, present(from));
      files.delete(from);
    },
    async rm(file: string) {
      await world.beforeCall();
      files.delete(file);
    },
    async writeFile(file: string, text: string) {
      const made = { text: '' };
      await world.beforeCall();
      create(file, made);
      await world.beforeCall(); // The system makes a file, and fills it a moment later.
      made.text = text;
    },
  };
});
vi.mock('./process-identity.ts', () => ({
  stillRuns: async ({ pid }: ProcessIdentity) => await Promise.resolve(world.running.has(pid)),
}));

const FILE = '/place/claimed.json';
const presentRun = new AsyncLocalStorage<Run>();

/** A run that claims the file, by one call to the disk after the other. */
class Run {
  holds = false;
  readonly pid: number;
  #mayCall = Promise.withResolvers<void>();
  #standsStill = Promise.withResolvers<void>();
  #ended = false;

  constructor(pid: number) {
    this.pid = pid;
    world.running.add(pid);
  }

  /** Up to before its first call. */
  async start(): Promise<void> {
    void presentRun.run(this, async () => await this.#claim());
    await this.#standsStill.promise;
  }

  async #claim(): Promise<void> {
    this.holds = (await claimFile(FILE, { pid: this.pid, startedAt: 'then' })) === undefined;
    this.#ended = true;
    this.#standsStill.resolve();
  }

  async beforeCall(): Promise<void> {
    this.#mayCall = Promise.withResolvers();
    this.#standsStill.resolve();
    await this.#mayCall.promise;
  }

  /** Makes so many calls to the disk, or fewer when it has ended or was killed. */
  async go(calls: number): Promise<void> {
    for (let call = 0; call < calls && !this.#ended && world.running.has(this.pid); call += 1) {
      this.#standsStill = Promise.withResolvers();
      this.#mayCall.resolve();
      await this.#standsStill.promise;
    }
  }

  giveFree(): void {
    if (this.holds) world.files.delete(FILE);
    this.holds = false;
  }

  kill(): void {
    world.running.delete(this.pid);
    this.holds = false;
  }
}

/** One of the runs makes so many calls, and then this happens to it. */
type Turn = { who: number; calls: number; end: 'nothing' | 'giveFree' | 'kill' };

const gone = JSON.stringify({ pid: 100, startedAt: 'long ago' });
const leftBehind = [undefined, '', '{"pid": 1', gone];

/** So many runs on a disk on which only this was left. */
async function startRuns(count: number, text: string | undefined): Promise<Run[]> {
  world.files.clear();
  world.running.clear();
  if (text !== undefined) world.files.set(FILE, { text });
  const runs = Array.from({ length: count }, (_, index) => new Run(index + 1));
  for (const run of runs) await run.start();
  return runs;
}

const pidsOfHolders = (runs: readonly Run[]): number[] =>
  runs.filter(({ holds }) => holds).map(({ pid }) => pid);

beforeEach(() => {
  world.files.clear();
  world.running.clear();
  world.beforeCall = async () => await presentRun.getStore()?.beforeCall();
});

/** More calls than a run makes. */
const ALL_CALLS = 20;

describe('a file that several runs claim', () => {
  test.each(leftBehind)('has one holder, wherever two interrupt each other: %j', async (text) => {
    for (let ofFirst = 0; ofFirst <= ALL_CALLS; ofFirst += 1)
      for (let ofSecond = 0; ofSecond <= ALL_CALLS; ofSecond += 1) {
        const runs = await startRuns(2, text);
        await runs[0]?.go(ofFirst);
        await runs[1]?.go(ofSecond);
        for (const run of runs) await run.go(ALL_CALLS);
        expect(pidsOfHolders(runs), `after ${ofFirst} and ${ofSecond} calls`).toHaveLength(1);
        expect([...world.files.keys()]).toEqual([FILE]);
      }
  });

  test('has one holder at any moment, in whatever order three run and wherever they are killed', async () => {
    const turn: fc.Arbitrary<Turn> = fc.record({
      who: fc.nat(2),
      calls: fc.integer({ min: 1, max: 16 }),
      end: fc.constantFrom('nothing', 'nothing', 'nothing', 'giveFree', 'kill'),
    });
    const race = async (text: string | undefined, turns: Turn[]) => {
      const runs = await startRuns(3, text);
      for (const { who, calls, end } of turns) {
        await runs[who]?.go(calls);
        if (end !== 'nothing') runs[who]?.[end]();
        expect(pidsOfHolders(runs).length).toBeLessThan(2);
      }
      for (const run of runs) run.kill();
      // Whatever they left, the next one is not kept out by it.
      expect(await claimFile(FILE, { pid: 4, startedAt: 'now' })).toBeUndefined();
      expect(await readHolder(FILE)).toEqual({ pid: 4, startedAt: 'now' });
    };
    const turns = fc.array(turn, { minLength: 3, maxLength: 12 });
    await fc.assert(fc.asyncProperty(fc.constantFrom(...leftBehind), turns, race), { numRuns: 1000 });
  });
});

test('one that is held names its holder to the others', async () => {
  world.running.add(1);
  expect(await claimFile(FILE, { pid: 1, startedAt: 'then' })).toBeUndefined();
  expect(await claimFile(FILE, { pid: 2, startedAt: 'then' })).toEqual({ pid: 1, startedAt: 'then' });
  expect(await readHolder(FILE)).toEqual({ pid: 1, startedAt: 'then' });
});
