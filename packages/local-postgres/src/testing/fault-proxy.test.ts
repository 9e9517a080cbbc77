import { once } from 'node:events';
import net from 'node:net';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing.ts';
import { createFaultProxy, type FaultProxy } from './fault-proxy.ts';

/** However the driver puts it. */
const gone = /terminated|ECONNRESET|socket hang up|ended|closed/i;

describe('a fault proxy before Postgres', () => {
  let database: TestDatabase;
  let proxy: FaultProxy;
  let through: pg.Client;
  let direct: pg.Client;
  beforeEach(async () => {
    database = await createTestDatabase();
    proxy = await createFaultProxy(database.url);
    direct = await connect(database.url);
    await direct.query('create table public.notes (text text)');
    through = await connect(proxy.url);
  });
  afterEach(async () => {
    await proxy.close();
    await direct.end();
    await database.drop();
  });

  async function connect(url: string): Promise<pg.Client> {
    const client = new pg.Client({ connectionString: url, query_timeout: 10_000 });
    client.on('error', () => undefined); // Being cut off is what these tests are about.
    await client.connect();
    return client;
  }

  async function notes(): Promise<string[]> {
    const { rows } = await direct.query<{ text: string }>('select text from public.notes order by text');
    return rows.map(({ text }) => text);
  }

  it('lets pass what passes, of any size', async () => {
    const long = 'é'.repeat(500_000);
    const { rows } = await through.query<{ back: string }>('select $1::text as back', [long]);
    expect(rows[0]?.back === long).toBe(true);
    expect(proxy.connections()).toBe(1);
  });

  it('cut: ends what is there and turns away who comes, until it is healed', async () => {
    const ended = new Promise((resolve) => through.once('end', resolve));
    proxy.cut();
    await ended;
    await expect(connect(proxy.url)).rejects.toThrow(gone);
    expect(proxy.turnedAway()).toBe(1);
    proxy.heal();
    const again = await connect(proxy.url);
    expect((await again.query('select 1')).rowCount).toBe(1);
  });

  it('stalled: nothing moves and nothing ends; then goes on where it was', async () => {
    proxy.stall();
    let answered = false;
    const answer = through.query("insert into public.notes values ('sent while stalled')");
    void answer.then(() => (answered = true));
    const newcomer = connect(proxy.url);
    await direct.query('select pg_sleep(0.2)');
    expect(answered).toBe(false);
    expect(await notes()).toEqual([]);
    proxy.heal();
    await answer;
    await newcomer;
    expect(await notes()).toEqual(['sent while stalled']);
  });

  it('stalled: the server does not hear that the client has gone', async () => {
    const { rows } = await through.query<{ pid: number }>('select pg_backend_pid() as pid');
    const backends = async () =>
      (await direct.query('select from pg_stat_activity where pid = $1', [rows[0]?.pid])).rowCount;
    proxy.stall();
    void through.end();
    await direct.query('select pg_sleep(0.1)');
    expect(await backends()).toBe(1);
    proxy.heal();
    await expect.poll(backends, { timeout: 10_000 }).toBe(0);
  });

  it('slow: everything takes longer, in order', async () => {
    proxy.slow(50);
    const startedMs = performance.now();
    await through.query("insert into public.notes values ('a')");
    expect(performance.now() - startedMs).toBeGreaterThan(90);
    expect(await notes()).toEqual(['a']);
  });

  it('counts what makes something final: commits, and single writes', async () => {
    await through.query('select 1');
    await through.query("insert into public.notes values ('alone')");
    await through.query('begin');
    await through.query('insert into public.notes values ($1)', ['in a transaction']);
    await through.query('insert into public.notes values ($1)', ['another']);
    await through.query('commit');
    await through.query('begin');
    await through.query('delete from public.notes');
    await through.query('rollback');
    await through.query({ name: 'prepared', text: 'insert into public.notes values ($1)', values: ['once'] });
    await through.query({
      name: 'prepared',
      text: 'insert into public.notes values ($1)',
      values: ['twice'],
    });
    expect(proxy.writes()).toBe(4);
  });

  it('before a write: dropped there, it has not happened', async () => {
    proxy.atWrite(2, 'before', () => 'drop');
    await through.query("insert into public.notes values ('first')");
    await through.query('begin');
    await through.query("insert into public.notes values ('second')");
    await expect(through.query('commit')).rejects.toThrow(gone);
    expect(await notes()).toEqual(['first']);
    expect(() => proxy.atWrite(2, 'before', () => 'drop')).toThrow('has passed already');
  });

  it('after a write: dropped there, it has happened and the client does not know', async () => {
    let seenMeanwhile: string[] = [];
    const look = async () => {
      seenMeanwhile = await notes();
      return 'drop' as const;
    };
    proxy.eachWrite(() => ({ whenAnswered: look }));
    await expect(through.query('insert into public.notes values ($1)', ['done'])).rejects.toThrow(gone);
    expect(seenMeanwhile).toEqual(['done']);
  });

  it('shows each write to whoever watches, and holds it for as long as they think about it', async () => {
    const seen: { number: number; sql: string; before: string[] }[] = [];
    const stop = proxy.eachWrite(async (write) => {
      seen.push({ ...write, before: await notes() });
      return 'go on' as const;
    });
    await through.query("insert into public.notes values ('a')");
    await through.query('begin');
    await through.query("insert into public.notes values ('b')");
    await through.query('commit');
    stop();
    await through.query("insert into public.notes values ('c')");
    expect(seen).toEqual([
      { number: 1, sql: "insert into public.notes values ('a')", before: [] },
      { number: 2, sql: 'commit', before: ['a'] },
    ]);
    expect(await notes()).toEqual(['a', 'b', 'c']);
  });

  it('keeps back a write that was held when the network was stalled', async () => {
    const stop = proxy.eachWrite(() => {
      proxy.stall();
      return 'go on';
    });
    const insert = through.query("insert into public.notes values ('held')");
    await direct.query('select pg_sleep(0.2)');
    expect(await notes()).toEqual([]);
    stop();
    proxy.heal();
    await insert;
    expect(await notes()).toEqual(['held']);
  });
});

describe('a fault proxy before another server', () => {
  it('slows down who sends more than the other side reads', async () => {
    const readers: net.Socket[] = [];
    const server = net.createServer({ pauseOnConnect: true }, (socket) => void readers.push(socket));
    await once(server.listen(0, '127.0.0.1'), 'listening');
    const address = server.address();
    if (address === null || typeof address === 'string') throw new Error('expected a port');
    const proxy = await createFaultProxy(`http://127.0.0.1:${address.port}`);
    const client = net.connect(Number(new URL(proxy.url).port), '127.0.0.1');
    const block = Buffer.alloc(1_000_000);
    for (let sent = 0; client.write(block) || sent < 64; sent += 1);
    await expect.poll(() => readers.length).toBe(1);
    await new Promise((resolve) => setTimeout(resolve, 200));
    expect(client.writableLength, 'most of it still waits at the sender').toBeGreaterThan(30_000_000);
    client.destroy();
    readers.forEach((socket) => socket.destroy());
    await proxy.close();
    server.close();
  });

  it('refuses what it cannot stand before', async () => {
    await expect(createFaultProxy('redis://127.0.0.1')).rejects.toThrow('not before redis://');
    const proxy = await createFaultProxy('http://127.0.0.1:1');
    expect(() => proxy.atWrite(1, 'before', () => 'go on')).toThrow('not counted before http://');
    await proxy.close();
  });
});
