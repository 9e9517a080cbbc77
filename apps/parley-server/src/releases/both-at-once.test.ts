import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { allFlags, flagsOf, historyOf, openChannel, PARTY, PASSWORD, search } from '../testing/asking.ts';
import { pack } from '../testing/packed-release.ts';
import { elsewhere, type PersonAt, signUp } from '../testing/person-at.ts';
import { openReleaseStage, type ReleaseStage } from '../testing/release-stage.ts';
import { openSocket, type TestSocket } from '../testing/test-socket.ts';

/** Only end a test that hangs: a busy machine packs slowly. */
vi.setConfig({ testTimeout: 120_000, hookTimeout: 300_000 });
const WAIT = { timeout: 30_000, interval: 50 };

let stage: ReleaseStage;
let old: string;
let fresh: string;
let ana: PersonAt;
let bo: PersonAt;
let room: string;
const sockets: TestSocket[] = [];

/** Ana has the old release, Bo the new one. */
beforeAll(async () => {
  const [batch1, batch2] = [await pack('batch-1'), await pack('batch-2')];
  stage = await openReleaseStage();
  await stage.run(batch1, 'install');
  await stage.migrate();
  await stage.publishAllFlags();
  [old, fresh] = [await stage.serve(batch1), await stage.serve(batch2)];
  ana = await signUp(old, 'Ana', 'ana@parley.example', PASSWORD);
  bo = await signUp(fresh, 'Bo', 'bo@parley.example', PASSWORD);
  room = await openChannel(ana, bo, 'both');
});
afterAll(async () => {
  sockets.forEach((socket) => socket.close());
  await stage.close();
});

const listen = async (url: string, person: PersonAt): Promise<TestSocket> => {
  const socket = await openSocket(url, person);
  sockets.push(socket);
  return socket;
};
const heard = async ({ heard: events }: TestSocket, event: string, id: string): Promise<void> =>
  await vi.waitFor(() => {
    const expected = expect.objectContaining({ event, data: expect.objectContaining({ id }) as object });
    expect(events).toContainEqual(expected);
  }, WAIT);

it('shows each what is written through the other, live', async () => {
  const [atOld, atFresh] = [await listen(old, ana), await listen(fresh, bo)];
  const fromOld = await ana.send(room, 'written through the old one');
  await heard(atFresh, 'message', fromOld.id);
  const fromFresh = await bo.send(room, 'written through the new one');
  await heard(atOld, 'message', fromFresh.id);
  await bo.ask('PUT', `/v1/messages/${fromOld.id}/reactions/${PARTY}`);
  await heard(atOld, 'changed', fromOld.id);
  await ana.ask('PATCH', `/v1/messages/${fromOld.id}`, { body: 'changed through the old one' });
  await heard(atFresh, 'changed', fromOld.id);
  const bodies = ['changed through the old one', 'written through the new one'];
  for (const person of [ana, bo])
    expect((await historyOf(person, room)).messages.map(({ body }) => body)).toEqual(bodies);
});

it('lets one session be used at both', async () => {
  expect((await historyOf(elsewhere(fresh, ana), room)).messages).toHaveLength(2);
  expect((await historyOf(elsewhere(old, bo), room)).messages).toHaveLength(2);
});

it('gives the new ways only to whoever is at the new one, for messages of both', async () => {
  await vi.waitFor(async () => expect(await flagsOf(bo)).toEqual(allFlags(true)), WAIT);
  expect(await flagsOf(ana)).toEqual(allFlags(false));
  expect(await search(ana, 'through -new')).toEqual({ mode: 'basic', results: [] });
  const found = await search(bo, 'through -new');
  expect([found.mode, found.results.map(({ body }) => body)]).toEqual([
    'advanced',
    ['changed through the old one'],
  ]);
  expect([(await historyOf(ana, room)).window, (await historyOf(bo, room)).window]).toEqual([
    null,
    { total: 2, firstSeq: 1, lastSeq: 2 },
  ]);
});

it('never shows from its cache what the old one has changed since', async () => {
  const sent = await bo.send(room, 'kept in the cache of the new one');
  await historyOf(bo, room);
  for (const body of ['once', 'twice', 'three times']) {
    await bo.ask('GET', `/v1/conversations/${room}/messages`);
    await elsewhere(old, bo).ask('PATCH', `/v1/messages/${sent.id}`, { body });
    expect((await historyOf(bo, room)).messages.at(-1)?.body).toBe(body);
  }
  const metrics = await (await fetch(`${fresh}/metrics`)).text();
  expect(metrics).toMatch(/parley_cache_lookups_total\{result="hit"\} [1-9]/);
});

it('serves each its own page', async () => {
  const scriptAt = async (url: string): Promise<string | undefined> => {
    const page = await (await fetch(url, { headers: { accept: 'text/html' } })).text();
    return /src="(\/assets\/index-[^"]+\.js)"/.exec(page)?.[1];
  };
  const scripts = [await scriptAt(old), await scriptAt(fresh)];
  expect(scripts).toEqual([expect.any(String), expect.any(String)]);
  expect(new Set(scripts).size).toBe(2);
});
