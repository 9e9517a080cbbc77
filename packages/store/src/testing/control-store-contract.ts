import { verifyChain, type AppendRequest, type ControlStore, type EventDraft } from '@crossfade/engine';
import { afterAll, beforeEach, describe, expect, test } from 'vitest';
import { eventually } from './eventually.ts';

/** Where the stores of one test meet: a database, or one instance in memory. */
export interface StoreHome {
  /** Another process's view of the same store. */
  open(): Promise<ControlStore>;
  close(): Promise<void>;
}

/** What every ControlStore promises; each implementation is run through it. */
export function describeControlStore(name: string, createHome: () => Promise<StoreHome>): void {
  describe(`${name} as a control store`, () => {
    let home: StoreHome;
    let store: ControlStore;
    const homes: StoreHome[] = [];

    beforeEach(async () => {
      home = await createHome();
      homes.push(home);
      store = await home.open();
    });
    afterAll(async () => {
      for (const opened of homes) await opened.close();
    });

    test('a journal is a chain of what was appended, read back as it was written', async () => {
      const answer = await store.append(request({ entries: [note('one'), note('zwei \u0000 ☂ \ud800')] }));
      expect(answer).toMatchObject({ status: 'appended', entries: [{ seq: 1 }, { seq: 2 }] });

      const entries = await store.readJournal(0);
      expect(answer.status === 'appended' && answer.entries).toEqual(entries);
      expect(entries.map(({ event }) => event)).toEqual([
        note('one').event,
        note('zwei \u0000 ☂ \ud800').event,
      ]);
      expect(verifyChain(entries)).toMatchObject({ ok: true, entries: 2 });
      expect(await store.readJournal(1)).toEqual(entries.slice(1));
      expect(await store.readJournal(2)).toEqual([]);
    });

    test('entries of one append share one moment of the store’s clock', async () => {
      const before = await store.now();
      await store.append(request({ entries: [note('one'), note('two')] }));
      const after = await store.now();

      const [first, second] = await store.readJournal(0);
      expect(first?.atMs).toBe(second?.atMs);
      expect(first?.atMs).toBeGreaterThanOrEqual(before);
      expect(first?.atMs).toBeLessThanOrEqual(after);
    });

    test('what was decided on an older journal is a conflict and writes nothing', async () => {
      await store.append(request({ entries: [note('one')] }));
      const late = await store.append(
        request({ entries: [note('late')], expectedSeq: 0, flagDocument: flags(1) }),
      );
      expect(late).toEqual({ status: 'conflict', headSeq: 1 });
      expect(await store.readJournal(1)).toEqual([]);
      expect(await store.readFlagDocument()).toBeUndefined();
    });

    test('of many who append at once on the same journal, one succeeds', async () => {
      const others = await Promise.all([home.open(), home.open(), home.open()]);
      const answers = await Promise.all(
        others.map(async (other, index) => await other.append(request({ entries: [note(`by ${index}`)] }))),
      );
      expect(answers.filter(({ status }) => status === 'appended')).toHaveLength(1);
      expect(answers.filter(({ status }) => status === 'conflict')).toHaveLength(2);
      expect(await store.readJournal(0)).toHaveLength(1);
    });

    test('flag documents are published one revision after another, each with its entries', async () => {
      await store.append(request({ entries: [note('one')], flagDocument: flags(1) }));
      expect(await store.readFlagDocument()).toEqual(flags(1));
      await store.append(request({ entries: [note('two')], expectedSeq: 1, flagDocument: flags(2) }));
      expect(await store.readFlagDocument()).toEqual(flags(2));
    });

    test('a flag document that would not be the newest is an error, not a conflict to try again on', async () => {
      await store.append(request({ entries: [note('one')], flagDocument: flags(5) }));
      for (const revision of [4, 5]) {
        const late = request({ entries: [note('x')], expectedSeq: 1, flagDocument: flags(revision) });
        await expect(store.append(late)).rejects.toThrow(
          `flags of revision ${revision} cannot be published: crossfade.flag_documents already has revision 5`,
        );
      }
      expect(await store.readJournal(1)).toEqual([]);
      expect(await store.readFlagDocument()).toEqual(flags(5));
    });

    test('one holder leads; another is told who and for how long', async () => {
      expect(await store.takeLease({ holder: 'a', ttlMs: 60_000 })).toEqual({ status: 'taken', token: 1 });
      const answer = await store.takeLease({ holder: 'b', ttlMs: 60_000 });
      expect(answer).toMatchObject({ status: 'held', holder: 'a' });
      expect(answer.status === 'held' && answer.expiresInMs).toBeGreaterThan(50_000);
      expect(answer.status === 'held' && answer.expiresInMs).toBeLessThanOrEqual(60_000);
    });

    test('anybody may read who leads: nobody, the holder while its time lasts, nobody again', async () => {
      const onlooker = await home.open();
      expect(await onlooker.readLease()).toBeNull();
      await store.takeLease({ holder: 'a', ttlMs: 60_000 });
      const lease = await onlooker.readLease();
      expect(lease).toMatchObject({ holder: 'a', token: 1 });
      expect(lease?.expiresInMs).toBeGreaterThan(50_000);
      expect(lease?.expiresInMs).toBeLessThanOrEqual(60_000);
      await store.releaseLease(1);
      expect(await onlooker.readLease()).toBeNull();
      await store.takeLease({ holder: 'b', ttlMs: 1 });
      await eventually(async () => await onlooker.readLease()).toBeNull();
    });

    test('of many who ask for the lease at once, one gets it', async () => {
      const others = await Promise.all([home.open(), home.open(), home.open()]);
      const answers = await Promise.all(
        others.map(async (other, index) => await other.takeLease({ holder: `h${index}`, ttlMs: 60_000 })),
      );
      expect(answers.filter(({ status }) => status === 'taken')).toHaveLength(1);
    });

    test('a released lease is free at once, and its token is never used again', async () => {
      await store.takeLease({ holder: 'a', ttlMs: 60_000 });
      await store.releaseLease(1);
      expect(await store.renewLease(1, 60_000)).toBe(false);
      expect(await store.takeLease({ holder: 'b', ttlMs: 60_000 })).toEqual({ status: 'taken', token: 2 });
      await store.releaseLease(1);
      expect(await store.takeLease({ holder: 'c', ttlMs: 60_000 })).toMatchObject({
        status: 'held',
        holder: 'b',
      });
    });

    test('an expired lease goes to the next who asks; the old token renews, appends and adds nothing', async () => {
      await store.takeLease({ holder: 'a', ttlMs: 1 });
      const token = await takenToken(store, 'b');
      expect(token).toBe(2);

      expect(await store.renewLease(1, 60_000)).toBe(false);
      expect(await store.append(request({ entries: [note('stale')], token: 1 }))).toEqual({
        status: 'fenced',
      });
      await expect(store.addSegmentMembers('power', ['p1'], 1)).rejects.toThrow(
        /token 1 is no longer the leader's/,
      );
      expect(await store.readJournal(0)).toEqual([]);
      expect(await store.addSegmentMembers('power', [], token)).toBe(0);
      expect((await store.append(request({ entries: [note('fresh')], token }))).status).toBe('appended');
    });

    test('the same holder asking again gets a new token, which fences its older self', async () => {
      await store.takeLease({ holder: 'a', ttlMs: 60_000 });
      expect(await store.takeLease({ holder: 'a', ttlMs: 60_000 })).toEqual({ status: 'taken', token: 2 });
      expect(await store.append(request({ entries: [note('stale')], token: 1 }))).toEqual({
        status: 'fenced',
      });
    });

    test('an expired lease that nobody has taken appends nothing until it is renewed', async () => {
      await store.takeLease({ holder: 'a', ttlMs: 1 });
      await eventually(async () => (await store.append(request({ entries: [], token: 1 }))).status).toBe(
        'fenced',
      );
      expect(await store.renewLease(1, 60_000)).toBe(true);
      expect((await store.append(request({ entries: [note('again')], token: 1 }))).status).toBe('appended');
    });

    test('an operator’s command needs no lease', async () => {
      await store.takeLease({ holder: 'a', ttlMs: 60_000 });
      expect((await store.append(request({ entries: [note('command')], token: null }))).status).toBe(
        'appended',
      );
    });

    test('a segment only grows, and counts everybody once', async () => {
      await store.takeLease({ holder: 'a', ttlMs: 60_000 });
      expect(await store.addSegmentMembers('power', ['p1', 'p2'], 1)).toBe(2);
      expect(await store.addSegmentMembers('power', ['p2', 'p3'], 1)).toBe(3);
      expect(await store.addSegmentMembers('active', ['p1'], 1)).toBe(1);
      expect((await store.readSegmentMembers('power')).toSorted()).toEqual(['p1', 'p2', 'p3']);
      expect(await store.readSegmentMembers('nobody')).toEqual([]);
    });

    test('a person is in each segment since they were first found there', async () => {
      await store.takeLease({ holder: 'a', ttlMs: 60_000 });
      expect(await store.readMemberships('p1')).toEqual([]);
      const beforeMs = await store.now();
      await store.addSegmentMembers('power', ['p1', 'p2'], 1);
      const [first] = await store.readMemberships('p1');
      expect(first?.sinceMs).toBeGreaterThanOrEqual(beforeMs);
      expect(first?.sinceMs).toBeLessThanOrEqual(await store.now());
      await store.addSegmentMembers('power', ['p1'], 1);
      await store.addSegmentMembers('active', ['p1'], 1);
      expect(await store.readMemberships('p1')).toMatchObject([{ segment: 'active' }, first]);
    });

    test('a segment takes in any number of people, more than fit into one statement', async () => {
      await store.takeLease({ holder: 'a', ttlMs: 60_000 });
      const keys = Array.from({ length: 12_001 }, (_, n) => `person ${n}`);
      expect(await store.addSegmentMembers('all', keys, 1)).toBe(12_001);
      expect(await store.addSegmentMembers('all', keys.slice(4_000), 1)).toBe(12_001);
    });

    test('nobody but the leader tells people anything', async () => {
      await store.takeLease({ holder: 'a', ttlMs: 60_000 });
      const notice = { step: 'fill', title: 'Search is getting better', text: '', progress: 0.5 };
      await store.showNotices([notice], 1);
      await store.showNotices([], 1);
      await expect(store.showNotices([notice], 2)).rejects.toThrow('2');
    });

    test('a plan is kept under its digest', async () => {
      const files = { 'plan.yaml': 'name: x', 'sql/001.sql': 'select 1' };
      await store.savePlan('d1', files);
      await store.savePlan('d1', files);
      expect(await store.loadPlan('d1')).toEqual(files);
      expect(await store.loadPlan('d2')).toBeUndefined();
    });

    test('whoever listens hears soon that another process has appended, until it stops listening', async () => {
      const other = await home.open();
      let heard = 0;
      const stop = store.onJournalGrowth(() => (heard += 1));
      await appendUntil(other, () => heard > 0);
      stop();
      const before = heard;
      const control = { heard: 0 };
      const stopControl = store.onJournalGrowth(() => (control.heard += 1));
      await appendUntil(other, () => control.heard > 0);
      stopControl();
      expect(heard).toBe(before);
    });
  });
}

async function appendUntil(store: ControlStore, done: () => boolean): Promise<void> {
  const { length } = await store.readJournal(0);
  await store.append(request({ entries: [note('growth')], expectedSeq: length }));
  await eventually(done).toBe(true);
}

async function takenToken(store: ControlStore, holder: string): Promise<number> {
  const taken: number[] = [];
  await eventually(async () => {
    const answer = await store.takeLease({ holder, ttlMs: 60_000 });
    if (answer.status === 'taken') taken.push(answer.token);
    return answer.status;
  }).toBe('taken');
  return taken[0] ?? 0;
}

function request(given: Partial<AppendRequest>): AppendRequest {
  return { entries: [], expectedSeq: 0, token: null, flagDocument: null, ...given };
}

function note(text: string): EventDraft {
  return { runId: 'run-1', actor: 'test', event: { type: 'rollback.requested', reason: text } };
}

function flags(revision: number): { revision: number; digest: string; document: string } {
  return { revision, digest: `digest ${revision}`, document: `{"flags":{"revision":${revision}}}` };
}
