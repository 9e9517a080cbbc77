import { QueryClient } from '@tanstack/react-query';
import { beforeEach, describe, expect, it } from 'vitest';
import type { Changes, Message } from '../api/types.ts';
import { aMessage, messagesFrom } from '../testing/messages.ts';
import { timelineOf, type Timeline } from '../timeline/timeline.ts';
import { CatchUp, type CatchUpApi } from './catch-up.ts';
import { keys } from './keys.ts';

/** A server with one conversation, and how often it was asked. */
class Server implements CatchUpApi {
  readonly stored = new Map<number, Message>(messagesFrom(1, 10).map((one) => [one.seq, one]));
  version = 10;
  asked = 0;
  isAway = false;

  change(seq: number, body: string): number {
    this.version += 1;
    this.stored.set(seq, aMessage(seq, { body, version: this.version }));
    return this.version;
  }

  readonly changes = async (_: string, since: number): Promise<Changes> => {
    this.asked += 1;
    if (this.isAway) throw new Error('no connection');
    const changed = [...this.stored.values()].filter(({ version }) => version > since);
    const messages = changed.toSorted((a, b) => a.version - b.version).slice(0, 200);
    return {
      messages,
      version: this.version,
      lastSeq: this.stored.size,
      hasMore: messages.length < changed.length,
    };
  };

  page: CatchUpApi['page'] = async (_, { after, limit = 100 }) => {
    this.asked += 1;
    const all = [...this.stored.values()].toSorted((a, b) => a.seq - b.seq);
    const messages =
      after === undefined ? all.slice(-limit) : all.filter(({ seq }) => seq > after).slice(0, limit);
    const hasMoreAfter = (messages.at(-1)?.seq ?? 0) < all.length;
    return {
      messages,
      version: this.version,
      lastSeq: all.length,
      hasMoreBefore: (messages[0]?.seq ?? 1) > 1,
      hasMoreAfter,
    };
  };
}

let server: Server;
let queries: QueryClient;
let catchUp: CatchUp;
const timeline = (): Timeline | undefined => queries.getQueryData(keys.timeline('c1'));
const bodies = (): string[] => timeline()?.messages.map(({ body }) => body) ?? [];

beforeEach(async () => {
  server = new Server();
  queries = new QueryClient();
  catchUp = new CatchUp(queries, server);
  queries.setQueryData(keys.timeline('c1'), timelineOf(await server.page('c1', {})));
  server.asked = 0;
});

describe('catching up', () => {
  it('asks for what has changed since the version that is here', async () => {
    server.change(3, 'edited');
    await catchUp.to('c1', server.change(11, 'sent'));
    expect(bodies()[2]).toBe('edited');
    expect(bodies().at(-1)).toBe('sent');
  });

  it('asks nothing for an event that is late or doubled', async () => {
    const version = server.change(11, 'sent');
    await catchUp.to('c1', version);
    await catchUp.to('c1', version);
    await catchUp.to('c1', version - 1);
    expect(server.asked).toBe(1);
  });

  it('asks one question at a time, however many events come', async () => {
    const told = Array.from({ length: 50 }, (_, at) =>
      catchUp.to('c1', server.change(11 + at, `sent ${at}`)),
    );
    await Promise.all(told);
    expect(bodies()).toHaveLength(60);
    expect(server.asked).toBeLessThanOrEqual(3);
  });

  it('misses nothing when there are more changes than one answer holds', async () => {
    for (let seq = 11; seq <= 500; seq += 1) server.change(seq, `sent ${seq}`);
    await catchUp.to('c1', server.version);
    expect(bodies()).toHaveLength(500);
    expect(timeline()?.version).toBe(server.version);
  });

  it('reads the end anew when far more was written than one can follow', async () => {
    for (let seq = 11; seq <= 50_000; seq += 1) server.change(seq, `sent ${seq}`);
    await catchUp.to('c1', server.version);
    expect(bodies().at(-1)).toBe('sent 50000');
    expect(timeline()).toMatchObject({ hasBefore: true, hasAfter: false, version: server.version });
    expect(server.asked).toBeLessThan(10);
  });

  it('leaves a reader of history where they are when far more was written', async () => {
    queries.setQueryData<Timeline>(
      keys.timeline('c1'),
      (known) => known && { ...known, messages: known.messages.slice(0, 5), hasAfter: true },
    );
    for (let seq = 11; seq <= 5_000; seq += 1) server.change(seq, `sent ${seq}`);
    server.change(2, 'edited');
    await catchUp.to('c1', server.version);
    expect(bodies()[0]).toBe('message 1');
    expect(bodies()[1]).toBe('edited');
    expect(timeline()).toMatchObject({ hasAfter: true, lastSeq: 5_000 });
  });

  it('leaves a reader where they are who has scrolled back from the end', async () => {
    for (let seq = 11; seq <= 500; seq += 1) server.change(seq, `sent ${seq}`);
    await catchUp.to('c1', server.version);
    catchUp.noteReader('c1', false);
    for (let seq = 501; seq <= 50_000; seq += 1) server.change(seq, `sent ${seq}`);
    server.change(450, 'edited');
    await catchUp.to('c1', server.version);
    expect(bodies().slice(0, 11)).toEqual([...messagesFrom(1, 10).map(({ body }) => body), 'sent 11']);
    expect(bodies()[449]).toBe('edited');
    expect(timeline()).toMatchObject({ hasAfter: true, lastSeq: 50_000, version: server.version });
    catchUp.noteReader('c1', true);
  });

  it('does not fetch a reader back who goes to the end while what they read is read anew', async () => {
    catchUp.noteReader('c1', false);
    for (let seq = 11; seq <= 50_000; seq += 1) server.change(seq, `sent ${seq}`);
    const { page } = server;
    server.page = async (...asked) => {
      server.page = page;
      const answer = await page(...asked);
      queries.setQueryData(keys.timeline('c1'), timelineOf(await page('c1', { limit: 60 })));
      server.change(49_990, 'edited');
      return answer;
    };
    await catchUp.to('c1', server.version + 1);
    expect(bodies()).toHaveLength(60);
    expect(bodies()[49]).toBe('edited');
    expect(timeline()).toMatchObject({ hasAfter: false, version: server.version });
  });

  it('asks again after the connection has been lost', async () => {
    server.isAway = true;
    await catchUp.to('c1', server.change(11, 'sent'));
    expect(bodies()).toHaveLength(10);
    server.isAway = false;
    await catchUp.to('c1', Number.MAX_SAFE_INTEGER);
    expect(bodies()).toHaveLength(11);
  });

  it('changes threads that are open, too', async () => {
    queries.setQueryData(keys.thread('m3'), { root: aMessage(3), replies: [], hasMoreBefore: false });
    server.version += 1;
    server.stored.set(11, aMessage(11, { threadId: 'm3', version: server.version }));
    await catchUp.to('c1', server.version);
    expect(queries.getQueryData(keys.thread('m3'))).toMatchObject({ replies: [{ seq: 11 }] });
  });
});
