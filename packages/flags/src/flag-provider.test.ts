import { mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { ErrorCode, OpenFeature, ProviderEvents } from '@openfeature/server-sdk';
import type { EvaluationContext, EventDetails } from '@openfeature/server-sdk';
import { afterEach, describe, expect, test } from 'vitest';
import { compileFlagDocument } from './compile-flag-document.ts';
import type { FlagAudience } from './flag-plan.ts';
import { createFlagProvider } from './flag-provider.ts';
import type { FlagProvider, FlagProviderOptions } from './flag-provider.ts';
import { memoryFlagSource } from './memory-flag-source.ts';

const ann = { targetingKey: '00000000-0000-4000-8000-00000000000a' };
const bob = { targetingKey: '00000000-0000-4000-8000-00000000000b' };

/** One flag "search" for these audiences, and a number "share". */
function documentFor(audiences: readonly FlagAudience[], share = 10): string {
  const flags = [{ key: 'search', killed: false, audiences }];
  return compileFlagDocument({ seed: 'batch-2', flags, parameters: [{ key: 'share', value: share }] })
    .document;
}
const everybody = [{ segment: null, percentage: 100 }];
const powerUsers = [{ segment: 'power_users', percentage: 100 }];

/** Long enough for a busy machine. */
const patiently = { timeout: 15_000, interval: 10 };

const cleanUps: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).toReversed()) await cleanUp();
});

/** A provider as an application has it: behind OpenFeature, in a domain of its own. */
async function application(options: Partial<FlagProviderOptions> = {}) {
  const source = memoryFlagSource();
  const lines: string[] = [];
  const log = {
    info: (_fields: object, message: string) => void lines.push(`info ${message}`),
    warn: (_fields: object, message: string) => void lines.push(`warn ${message}`),
  };
  const provider = createFlagProvider({ source, log, ...options });
  const domain = crypto.randomUUID();
  const client = OpenFeature.getClient(domain);
  const events: string[] = [];
  const note =
    (name: string) =>
    (details: EventDetails = { providerName: name }) => {
      const { flagsChanged = [] } = details as EventDetails<ProviderEvents.ConfigurationChanged>;
      events.push([name, ...flagsChanged.toSorted()].join(' '));
    };
  await OpenFeature.setProviderAndWait(domain, provider);
  provider.events.addHandler(ProviderEvents.Ready, note('ready'));
  provider.events.addHandler(ProviderEvents.Stale, note('stale'));
  provider.events.addHandler(ProviderEvents.Error, note('error'));
  provider.events.addHandler(ProviderEvents.ConfigurationChanged, note('changed'));
  cleanUps.push(async () => await provider.onClose());
  return { source, provider, client, events, lines };
}

async function temporaryFile(): Promise<string> {
  const folder = await mkdtemp(path.join(os.tmpdir(), 'crossfade-flags-'));
  cleanUps.push(async () => await rm(folder, { recursive: true, force: true }));
  return path.join(folder, 'flags.json');
}

describe('answers', () => {
  test('code defaults before anything is published', async () => {
    const { client, provider, lines } = await application();
    expect(await client.getBooleanDetails('search', false, ann)).toMatchObject({
      value: false,
      reason: 'DEFAULT',
    });
    expect(await client.getNumberValue('share', 42)).toBe(42);
    expect(provider.revision()).toBe(0);
    expect(lines).toEqual([]);
  });

  test('what was published last', async () => {
    const { client, source, provider } = await application();
    source.publish(documentFor(everybody, 30));
    expect(await client.getBooleanValue('search', false, ann)).toBe(true);
    expect(await client.getNumberValue('share', 0)).toBe(30);
    source.publish(documentFor([], 40));
    expect(await client.getBooleanValue('search', true, ann)).toBe(false);
    expect(await client.getNumberValue('share', 0)).toBe(40);
    expect(provider.revision()).toBe(2);
  });

  test('by the segments that were published, not by those that the application claims', async () => {
    const { client, source, provider } = await application();
    source.publish(documentFor(powerUsers), { power_users: [ann.targetingKey], others: [bob.targetingKey] });
    expect(await client.getBooleanValue('search', false, ann)).toBe(true);
    expect(await client.getBooleanValue('search', false, { ...bob, segments: ['power_users'] })).toBe(false);
    expect(provider.segmentsOf(ann.targetingKey)).toEqual(['power_users']);
    // Nobody asks for "others", so that it is not kept.
    expect(provider.segmentsOf(bob.targetingKey)).toEqual([]);
  });

  test('the code default with a reason where there is no answer', async () => {
    const { client, source } = await application();
    source.publish(documentFor(everybody));
    const errorOf = async (flag: string, context: EvaluationContext): Promise<unknown> => {
      const { value, errorCode } = await client.getBooleanDetails(flag, true, context);
      expect(value).toBe(true);
      return errorCode;
    };
    expect(await errorOf('unknown', ann)).toBe(ErrorCode.FLAG_NOT_FOUND);
    expect(await errorOf('share', ann)).toBe(ErrorCode.TYPE_MISMATCH);
    expect(await errorOf('search', { targetingKey: 'käthe' })).toBe(ErrorCode.INVALID_CONTEXT);
    expect(await errorOf('search', {})).toBe(ErrorCode.TARGETING_KEY_MISSING);
    expect(await errorOf('search', { targetingKey: '' })).toBe(ErrorCode.TARGETING_KEY_MISSING);
  });

  test('on after it was closed, without its source', async () => {
    const { client, source, provider } = await application();
    source.publish(documentFor(everybody));
    await provider.onClose();
    source.publish(documentFor([]));
    expect(await client.getBooleanValue('search', false, ann)).toBe(true);
  });
});

describe('events', () => {
  test('a publication names the flags that may answer differently', async () => {
    const { source, events } = await application();
    source.publish(documentFor(powerUsers), { power_users: [ann.targetingKey] });
    source.publish(documentFor(powerUsers, 20), { power_users: [ann.targetingKey] });
    source.publish(documentFor(powerUsers, 20), { power_users: [bob.targetingKey] });
    source.publish(documentFor(powerUsers, 20), { power_users: [bob.targetingKey] });
    await expect
      .poll(() => events, patiently)
      .toEqual(['changed search share', 'changed share', 'changed search']);
  });

  test('a source that is lost makes the flags stale, until it answers again', async () => {
    const { client, source, events, lines } = await application();
    source.publish(documentFor(everybody));
    source.fail(new Error('gone'));
    source.fail(new Error('still gone'));
    expect(await client.getBooleanValue('search', false, ann)).toBe(true);
    source.recover();
    await expect.poll(() => events, patiently).toEqual(['changed search share', 'stale', 'ready']);
    expect(lines.filter((line) => line.startsWith('warn'))).toEqual(['warn flags may be out of date']);
  });

  test('a source that was never reached is an error, and code defaults are answered', async () => {
    const { client, source, events } = await application();
    source.fail(new Error('away'));
    expect(await client.getBooleanValue('search', false, ann)).toBe(false);
    await expect.poll(() => events, patiently).toEqual(['error']);
  });
});

describe('flags that are not sound', () => {
  const sound = documentFor(everybody);
  const digest = compileFlagDocument({ seed: 's', flags: [], parameters: [] }).digest;

  test.each<[string, (provider: Awaited<ReturnType<typeof application>>) => void]>([
    ['no JSON', ({ source }) => void source.publish(sound.slice(0, -20))],
    ['no flagd document', ({ source }) => void source.publish('{"flags":{"search":{"on":true}}}')],
    ['an unknown rule', ({ source }) => void source.publish(sound.replace('"if"', '"whenever"'))],
    [
      'a broken weight',
      ({ source }) =>
        void source.publish(documentFor([{ segment: null, percentage: 5 }]).replace('5000', '"5 %"')),
    ],
    [
      'another text than its digest says',
      ({ source }) =>
        source.publishSnapshot({ revision: 2, document: documentFor([]), digest, segments: new Map() }),
    ],
  ])('%s: the last good ones stay, until sound ones come', async (_what, publishBad) => {
    const app = await application();
    app.source.publish(sound);
    publishBad(app);
    expect(await app.client.getBooleanValue('search', false, ann)).toBe(true);
    expect(app.provider.revision()).toBe(1);
    expect(app.lines).toContain('warn these flags are refused; the last good ones stay');
    app.source.publish(documentFor([]));
    expect(await app.client.getBooleanValue('search', true, ann)).toBe(false);
    await expect
      .poll(() => app.events, patiently)
      .toEqual(['changed search share', 'error', 'changed search', 'ready']);
  });

  test('a source that answers does not make refused flags good', async () => {
    const { source, events } = await application();
    source.publish('nonsense');
    source.recover();
    await expect.poll(() => events, patiently).toEqual(['error']);
  });
});

describe('the backup', () => {
  const awaySource = {
    start: (_listener: unknown, onProblem: (error: Error) => void) => onProblem(new Error('away')),
    stop: async () => undefined,
  };

  async function leaveBackup(backupFile: string): Promise<void> {
    const { source, provider } = await application({ backupFile });
    source.publish(documentFor(powerUsers, 70), {
      power_users: [ann.targetingKey],
      others: [bob.targetingKey],
    });
    await provider.onClose();
  }

  test('holds the last flags and their segments for a start while the source is away', async () => {
    const backupFile = await temporaryFile();
    await leaveBackup(backupFile);
    const { client, provider } = await application({ backupFile, source: awaySource });
    expect(await client.getBooleanValue('search', false, ann)).toBe(true);
    expect(await client.getBooleanValue('search', false, bob)).toBe(false);
    expect(await client.getNumberValue('share', 0)).toBe(70);
    expect(provider.revision()).toBe(1);
  });

  test('is written whole, for its owner only, and leaves nothing beside it', async () => {
    const backupFile = await temporaryFile();
    const { source, provider } = await application({ backupFile });
    for (let share = 1; share <= 30; share += 1) source.publish(documentFor(everybody, share));
    await provider.onClose();
    expect(await readdir(path.dirname(backupFile))).toEqual(['flags.json']);
    expect((await stat(backupFile)).mode & 0o777).toBe(0o600);
    const restarted = await application({ backupFile, source: awaySource });
    expect(await restarted.client.getNumberValue('share', 0)).toBe(30);
  });

  test.each<[string, string, (text: string) => string]>([
    ['it is cut off', '', (text) => text.slice(0, text.length / 2)],
    ['it is changed', '', (text) => text.replace('"revision":1', '"revision":2')],
    ['it is empty', '', () => ''],
    ['it is of another kind', '', () => '{"format":"something else"}'],
    ['its members are cut off', '.members', (text) => text.slice(0, text.length / 2)],
    ['its members are changed', '.members', (text) => text.replace(ann.targetingKey, bob.targetingKey)],
    ['its members are empty', '.members', () => ''],
    ['its members are of another kind', '.members', () => '{"format":"something else"}\n{}\n'],
  ])('is ignored with a line in the log when %s', async (_what, part, spoil) => {
    const backupFile = await temporaryFile();
    await leaveBackup(backupFile);
    await writeFile(`${backupFile}${part}`, spoil(await readFile(`${backupFile}${part}`, 'utf8')));
    const { client, provider, lines } = await application({ backupFile, source: awaySource });
    expect(await client.getBooleanValue('search', false, ann)).toBe(false);
    expect(provider.revision()).toBe(0);
    expect(lines).toContain('warn the backup of the flags is ignored');
  });

  test('holds any number of people, who are written when somebody joins and not at every change', async () => {
    const backupFile = await temporaryFile();
    const people = Array.from({ length: 12_001 }, (_, n) => `person ${n}`);
    const { source, provider } = await application({ backupFile });
    const written = async () => (await stat(`${backupFile}.members`)).ino;
    source.publish(documentFor(powerUsers, 1), { power_users: people });
    await expect.poll(async () => await written().catch(() => 0)).toBeGreaterThan(0);
    const first = await written();
    source.publish(documentFor(powerUsers, 2), { power_users: people });
    await expect.poll(async () => (await readFile(backupFile, 'utf8')).includes('"revision":2')).toBe(true);
    expect(await written()).toBe(first);
    source.publish(documentFor(powerUsers, 3), { power_users: [...people, ann.targetingKey] });
    await provider.onClose();
    expect(await written()).not.toBe(first);
    const { client } = await application({ backupFile, source: awaySource });
    expect(await client.getBooleanValue('search', false, ann)).toBe(true);
    expect(await client.getBooleanValue('search', false, { targetingKey: 'person 12000' })).toBe(true);
    expect(await client.getBooleanValue('search', false, bob)).toBe(false);
  });

  test('does not outlive its source: one that has nothing published means code defaults', async () => {
    const backupFile = await temporaryFile();
    await leaveBackup(backupFile);
    const { client, provider } = await application({ backupFile });
    expect(await client.getBooleanValue('search', false, ann)).toBe(false);
    await provider.onClose();
    expect(await readdir(path.dirname(backupFile))).toEqual([]);
  });

  test('that cannot be written takes nothing from the flags', async () => {
    const backupFile = path.join(path.dirname(await temporaryFile()), 'no such folder', 'flags.json');
    const { client, source, provider, lines } = await application({ backupFile });
    source.publish(documentFor(everybody));
    expect(await client.getBooleanValue('search', false, ann)).toBe(true);
    await provider.onClose();
    expect(lines).toContain('warn the backup of the flags could not be written');
  });

  test('gives way to the bootstrap only where there is none', async () => {
    const backupFile = await temporaryFile();
    const bootstrap = documentFor(everybody, 3);
    const first = await application({ backupFile, bootstrap, source: awaySource });
    expect(await first.client.getNumberValue('share', 0)).toBe(3);
    await leaveBackup(backupFile);
    const second = await application({ backupFile, bootstrap, source: awaySource });
    expect(await second.client.getNumberValue('share', 0)).toBe(70);
  });
});

test('a start never waits for the source', async () => {
  const silent: FlagProvider = createFlagProvider({
    source: { start: () => undefined, stop: async () => undefined },
    log: { info: () => undefined, warn: () => undefined },
  });
  await silent.initialize();
  expect(silent.revision()).toBe(0);
});
