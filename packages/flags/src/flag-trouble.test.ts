import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ErrorCode, OpenFeatureEventEmitter, ServerProviderEvents } from '@openfeature/server-sdk';
import { afterEach, describe, expect, it } from 'vitest';
import { compileFlagDocument } from './compile-flag-document.ts';
import { evaluateFlag } from './evaluate-flag.ts';
import { flagBackup, type FlagBackup } from './flag-backup.ts';
import { changedFlags, loadFlags, segmentsNeededBy } from './flag-document.ts';
import type { FlagAudience } from './flag-plan.ts';
import { createFlagProvider } from './flag-provider.ts';
import type { FlagSnapshot } from './flag-source.ts';
import { flagState } from './flag-state.ts';
import { memoryFlagSource } from './memory-flag-source.ts';
import { postgresFlagSource } from './postgres-flag-source.ts';
import { sha256Hex } from './sha256.ts';
import { wakeSignal } from './wake-signal.ts';

const ann = '00000000-0000-4000-8000-00000000000a';
const everybody = [{ segment: null, percentage: 100 }];

function snapshotOf(document: string, segments: Record<string, string[]> = {}, revision = 1): FlagSnapshot {
  const members = Object.entries(segments).map(([name, keys]) => [name, new Set(keys)] as const);
  return { revision, document, digest: sha256Hex(document), segments: new Map(members) };
}
function flagFor(audiences: readonly FlagAudience[]): string {
  return compileFlagDocument({
    seed: 'batch-2',
    flags: [{ key: 'search', killed: false, audiences }],
    parameters: [],
  }).document;
}

function createState(backup?: FlagBackup) {
  const lines: string[] = [];
  const events = new OpenFeatureEventEmitter();
  const log = {
    info: (_fields: object, message: string) => void lines.push(`info ${message}`),
    warn: (fields: object, message: string) => {
      const reason = 'err' in fields && fields.err instanceof Error ? `: ${fields.err.message}` : '';
      lines.push(`warn ${message}${reason}`);
    },
  };
  return { state: flagState({ events, backup, log }), events, lines };
}

describe('an answer', () => {
  it('is the code default, with the reason, also when the evaluation itself breaks', () => {
    const loaded = loadFlags(snapshotOf(flagFor(everybody)));
    const question = {
      type: 'boolean',
      key: 'search',
      fallback: false,
      context: { targetingKey: ann },
    } as const;
    for (const thrown of [new Error('out of order'), 'out of order']) {
      const fail = () => {
        throw thrown;
      };
      const evaluator = { ...loaded.evaluator, resolve: fail, evaluate: fail };
      expect(evaluateFlag({ ...loaded, evaluator }, question)).toEqual({
        value: false,
        reason: 'ERROR',
        errorCode: ErrorCode.GENERAL,
        errorMessage: 'flag "search": out of order',
      });
    }
  });

  it('may be a text or an object as well', async () => {
    const source = memoryFlagSource();
    const provider = createFlagProvider({ source, log: { info: () => undefined, warn: () => undefined } });
    await provider.initialize();
    const variants = { state: 'ENABLED', defaultVariant: 'a' };
    source.publish(
      JSON.stringify({
        flags: {
          words: { ...variants, variants: { a: 'hello' } },
          shape: { ...variants, variants: { a: { size: 3 } } },
        },
      }),
    );
    const context = { targetingKey: ann };
    await expect(provider.resolveStringEvaluation('words', 'x', context, console)).resolves.toMatchObject({
      value: 'hello',
    });
    await expect(provider.resolveObjectEvaluation('shape', {}, context, console)).resolves.toMatchObject({
      value: { size: 3 },
    });
    await provider.onClose();
  });
});

describe('a flag document', () => {
  it('is refused for a rule that flagd would only warn about, with the warning', () => {
    const document = JSON.stringify({
      flags: {
        search: {
          state: 'ENABLED',
          variants: { on: true, off: false },
          defaultVariant: 'off',
          targeting: { if: [{ whenever: [true] }, 'on'] },
        },
      },
    });
    expect(() => loadFlags(snapshotOf(document))).toThrow(/^flag document of revision 1: expected /);
  });

  it('is told in few words what is wrong with it', () => {
    const flags = Object.fromEntries(Array.from({ length: 99 }, (_, n) => [`f${n}`, { wrong: true }]));
    const refusal = (): unknown => loadFlags(snapshotOf(JSON.stringify({ flags })));
    expect(refusal).toThrow('flag document of revision 1: expected a flagd document: ');
    expect(refusal).toThrow(expect.objectContaining({ message: expect.stringMatching(/^[^\n]{1,480}$/) }));
  });

  it('asks for segments only where a rule looks a name up in them', () => {
    const asking = (targeting: unknown) => [
      ...segmentsNeededBy(JSON.stringify({ flags: { search: { targeting } } })),
    ];
    expect(asking({ if: [{ in: ['staff', { var: 'segments' }] }, 'on'] })).toEqual(['staff']);
    expect(asking({ in: ['staff', { var: 'groups' }] })).toEqual([]);
    expect(asking({ in: [{ var: 'email' }, { var: 'segments' }] })).toEqual([]);
    expect(asking({ in: ['a', ['a', 'b']] })).toEqual([]);
    expect([...segmentsNeededBy('no JSON')]).toEqual([]);
  });

  it('answers otherwise when the members of a segment change, also from or to nobody', () => {
    const document = flagFor([{ segment: 'staff', percentage: 100 }]);
    const nobody = loadFlags(snapshotOf(document));
    const one = loadFlags(snapshotOf(document, { staff: [ann] }));
    expect(changedFlags(nobody, one)).toEqual(['search']);
    expect(changedFlags(one, nobody)).toEqual(['search']);
    expect(changedFlags(one, loadFlags(snapshotOf(document, { staff: [ann] })))).toEqual([]);
    expect(changedFlags(undefined, one)).toEqual(['search']);
  });

  it('is the same text whatever the order of its audiences', () => {
    const audiences = [
      { segment: 'writers', percentage: 20 },
      { segment: 'staff', percentage: 20 },
      { segment: 'alpha', percentage: 20 },
      { segment: 'beta', percentage: 50 },
    ];
    const texts = [audiences, audiences.toReversed(), [...audiences.slice(2), ...audiences.slice(0, 2)]];
    expect(new Set(texts.map(flagFor)).size).toBe(1);
    const names = [...flagFor(audiences).matchAll(/"in":\["(\w+)"/g)].map(([, name]) => name);
    expect(names).toEqual(['beta', 'alpha', 'staff', 'writers']);
  });
});

describe('what a provider knows', () => {
  it('is nobody’s segment before anything was published', () => {
    expect(createState().state.segmentsOf(ann)).toEqual([]);
  });

  it('is nothing from a bootstrap that makes no sense, which is logged', async () => {
    const { state, lines } = createState();
    await state.restore(snapshotOf('no JSON'));
    expect(state.flags()).toBeUndefined();
    expect(lines.join()).toContain('warn the flags to start with are ignored: flag document of revision 1');
  });

  it('stays as it was when a source has nothing and nothing was known before', () => {
    const { state, lines } = createState();
    state.reportAnswer({ published: false });
    expect(state.flags()).toBeUndefined();
    expect(lines).toEqual([]);
  });

  it('is refused with a reason also when what was thrown is no error', () => {
    const { state, lines } = createState();
    const broken: FlagSnapshot = {
      ...snapshotOf(flagFor(everybody)),
      get document(): string {
        throw 'torn';
      },
    };
    state.accept(broken);
    expect(lines).toContain('warn these flags are refused; the last good ones stay: torn');
  });

  it('falls back to the bootstrap when its source turns out to be empty, and says which flags that changes', async () => {
    const backup: FlagBackup = {
      read: () => Promise.resolve(snapshotOf(flagFor(everybody), {}, 9)),
      write: () => Promise.resolve(),
      remove: () => Promise.reject(new Error('read-only disk')),
    };
    const { state, events, lines } = createState(backup);
    const changed: unknown[] = [];
    events.addHandler(ServerProviderEvents.ConfigurationChanged, (details) => {
      changed.push(details?.flagsChanged);
    });
    await state.restore(undefined);
    expect(state.flags()?.snapshot.revision).toBe(9);
    state.reportAnswer({ published: false });
    await state.settled();
    expect(state.flags()).toBeUndefined();
    await expect.poll(() => changed, { timeout: 15_000 }).toEqual([['search']]);
    expect(lines).toContain('warn the backup of earlier flags could not be removed: read-only disk');
  });

  it('falls back without a backup file too', async () => {
    const { state } = createState();
    await state.restore(snapshotOf(flagFor(everybody), {}, 0));
    state.reportAnswer({ published: false });
    await state.settled();
    expect(state.flags()?.snapshot.revision).toBe(0);
  });
});

const folders: string[] = [];
afterEach(async () => {
  for (const folder of folders.splice(0)) await rm(folder, { recursive: true, force: true });
});

describe('the backup file', () => {
  async function folderForBackup(): Promise<string> {
    const folder = await mkdtemp(path.join(os.tmpdir(), 'crossfade-flags-'));
    folders.push(folder);
    return folder;
  }

  it('that is a folder is an error, not an absent backup', async () => {
    const folder = await folderForBackup();
    await expect(flagBackup(folder).read()).rejects.toThrow('EISDIR');
  });

  it('that is not there is none', async () => {
    const folder = await folderForBackup();
    await expect(flagBackup(path.join(folder, 'flags.json')).read()).resolves.toBeUndefined();
  });

  it('that could not be written is written by the next publication, and leaves nothing half-done', async () => {
    const folder = await folderForBackup();
    const backup = flagBackup(path.join(folder, 'later', 'flags.json'));
    const first = snapshotOf(flagFor(everybody), {}, 1);
    await expect(backup.write(first)).rejects.toThrow('ENOENT');
    await mkdir(path.join(folder, 'later'));
    await backup.write({ ...first, revision: 2 });
    await expect(backup.read()).resolves.toMatchObject({ revision: 2 });
    expect(await readdir(path.join(folder, 'later'))).toEqual(['flags.json']);
  });

  it('that fails while a newer one waits does not fail the newer one', async () => {
    const folder = await folderForBackup();
    const file = path.join(folder, 'flags.json');
    await mkdir(file);
    const backup = flagBackup(file);
    const failing = backup.write(snapshotOf(flagFor(everybody)));
    const overtaking = backup.remove();
    const ends = await Promise.allSettled([failing, overtaking]);
    // A folder can neither be replaced nor removed as a file: the last change says so, the one before it is forgotten.
    expect(ends.map(({ status }) => status)).toEqual(['rejected', 'rejected']);
    await rm(file, { recursive: true });
    await backup.write(snapshotOf(flagFor(everybody), {}, 5));
    await expect(backup.read()).resolves.toMatchObject({ revision: 5 });
  });
});

describe('a source', () => {
  it('in memory delivers at its start what it was made with', () => {
    const source = memoryFlagSource(snapshotOf(flagFor(everybody), {}, 4));
    const seen: unknown[] = [];
    source.start(
      ({ revision }) => void seen.push(revision),
      () => undefined,
      (answer) => void seen.push(answer),
    );
    expect(seen).toEqual([4, { published: true }]);
    expect(source.publish(flagFor([]))).toBe(5);
  });

  it('of a database is started once', async () => {
    const source = postgresFlagSource({
      connectionString: 'postgres://someone@127.0.0.1:1/nowhere',
      pollIntervalMs: 1_000,
    });
    const problems: Error[] = [];
    source.start(
      () => undefined,
      (problem) => void problems.push(problem),
    );
    expect(() =>
      source.start(
        () => undefined,
        () => undefined,
      ),
    ).toThrow('start() expected once, called again');
    await expect.poll(() => problems.length, { timeout: 15_000 }).toBeGreaterThan(0);
    await source.stop();
    const told = problems.length;
    await source.stop();
    expect(problems).toHaveLength(told);
  });
});

describe('a nap', () => {
  it('is over at once when it was woken before it began, and then sleeps again', async () => {
    const stop = new AbortController();
    const wake = wakeSignal(stop.signal);
    wake.now();
    await wake.nap(3_600_000);
    const next = wake.nap(3_600_000);
    const still = Symbol('still asleep');
    expect(await Promise.race([next, Promise.resolve(still)])).toBe(still);
    wake.now();
    await next;
  });

  it('and a sleep are over when all is stopped, during and after that', async () => {
    const stop = new AbortController();
    const wake = wakeSignal(stop.signal);
    const under = [wake.nap(3_600_000), wake.sleep(3_600_000)];
    stop.abort();
    await Promise.all(under);
    await wake.sleep(3_600_000);
    await wake.nap(3_600_000);
    expect(stop.signal.aborted).toBe(true);
  });
});
