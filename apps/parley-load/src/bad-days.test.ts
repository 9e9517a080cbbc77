import { afterAll, beforeAll, describe, expect, it, onTestFinished, vi } from 'vitest';
import { endProcess, startParley } from './testing/parley-processes.ts';
import { openDoor, type ServerDoor } from './testing/server-door.ts';
import {
  expectFlawless,
  having,
  openStage,
  PATIENCE_MS,
  PEOPLE,
  THROUGH_AN_OUTAGE,
} from './testing/stage.ts';

let stage: Awaited<ReturnType<typeof openStage>>;
beforeAll(async () => {
  stage = await openStage();
});
afterAll(async () => await stage.close());

/** Doors, not processes: how long a process takes to start must not decide whether people lose their patience. */
async function openDoors(): Promise<ServerDoor[]> {
  const doors = await Promise.all(stage.servers.map(async ({ url }) => await openDoor(url)));
  onTestFinished(async () => void (await Promise.all(doors.map(async (door) => await door.close()))));
  return doors;
}

describe('people using Parley on a bad day', { timeout: 4 * PATIENCE_MS }, () => {
  it('do not notice that one of two servers is killed and started again', async () => {
    const { child, exit, logged, readLines } = stage.startCrowd('--rate', '40', ...THROUGH_AN_OUTAGE);
    await logged({ kind: 'ack' }, 10);
    const [first] = stage.servers;
    if (first === undefined) throw new Error('expected a server to kill');
    await endProcess(first.child, 'SIGKILL');
    const atKill = having(await readLines(), { kind: 'ack' }).length;
    await logged({ kind: 'ack' }, atKill + 5);
    stage.servers[0] = await startParley(stage.database.url, Number(new URL(first.url).port));
    const atReturn = having(await readLines(), { kind: 'request' }).length;
    await vi.waitFor(
      async () => {
        const since = having(await readLines(), { kind: 'request' }).slice(atReturn);
        expect(having(since, { server: 0 }).length).toBeGreaterThan(20);
      },
      { timeout: PATIENCE_MS, interval: 200 },
    );
    child.kill('SIGTERM');
    expect(await exit).toMatchObject({ code: 0 });

    const lines = await readLines();
    expectFlawless(lines);
    expect(lines.some(({ tries }) => Number(tries) > 1)).toBe(true);
    const lost = having(lines, { kind: 'socket', event: 'lost' });
    expect(lost.length).toBeGreaterThanOrEqual(PEOPLE / 2);
  });

  it('wait for servers that are both gone for a moment', async () => {
    const doors = await openDoors();
    const { child, exit, logged, readLines } = stage.startCrowdAt(
      doors,
      '--rate',
      '30',
      ...THROUGH_AN_OUTAGE,
    );
    await logged({ kind: 'ack' }, 3);
    doors.forEach((door) => door.shut());
    await vi.waitFor(() => doors.forEach((door) => expect(door.turnedAway()).toBeGreaterThan(5)), {
      timeout: PATIENCE_MS,
    });
    doors.forEach((door) => door.open());
    const atReturn = having(await readLines(), { kind: 'ack' }).length;
    await logged({ kind: 'ack' }, atReturn + 10);
    child.send('stop');
    expect(await exit).toMatchObject({ code: 0 });
    const lines = await readLines();
    expectFlawless(lines);
    expect(lines.some(({ tries }) => Number(tries) > 1)).toBe(true);
  });

  it('say so when they cannot verify, and leave no summary that would look like one', async () => {
    const doors = await openDoors();
    const { child, exit, logged, readLines } = stage.startCrowdAt(
      doors,
      '--rate',
      '30',
      '--patience-seconds',
      '4',
    );
    await logged({ kind: 'ack' }, 3);
    doors.forEach((door) => door.shut());
    child.send('stop');
    const reason: unknown = expect.stringContaining('expected 200, got');
    expect(await exit).toEqual({ code: 1, errors: reason });
    const lines = await readLines();
    expect(having(lines, { kind: 'verified' })).toEqual([]);
    expect(having(lines, { kind: 'end' })).toEqual([]);
  });

  // The last one: what it does to the messages would be noticed by the crowds of the others, too.
  it('notice what is lost, changed, or there twice', async () => {
    const { child, exit, logged, readLines } = stage.startCrowd('--rate', '40');
    await logged({ kind: 'ack', write: 'send' }, 20);
    const sent = having(await readLines(), { kind: 'ack', write: 'send' }).map(({ id }) => String(id));
    // As they were sent: what its sender has changed meanwhile could not be told from what we change.
    const untouched = await stage.client.query<{ id: string }>(
      'select id from public.messages where id = any($1) and edit_version = 0 and deleted_at is null',
      [sent],
    );
    const [lost = '', emptied = '', ...others] = untouched.rows.map(({ id }) => id);
    await stage.client.query('update public.messages set thread_id = null where thread_id = $1', [lost]);
    await stage.client.query('delete from public.messages where id = $1', [lost]);
    await stage.client.query(`update public.messages set body = '', deleted_at = now() where id = $1`, [
      emptied,
    ]);
    await stage.client.query(
      `with original as (
         select conversation_id, sender_id, body from public.messages
         where id = any($1) and edit_version = 0 and deleted_at is null limit 1),
       place as (
         update public.conversations set last_seq = last_seq + 1, version = version + 1
         where id = (select conversation_id from original) returning last_seq)
       insert into public.messages (conversation_id, seq, sender_id, body)
       select conversation_id, last_seq, sender_id, body from original, place`,
      [others],
    );
    child.send('stop');
    expect(await exit).toMatchObject({ code: 0 });

    const lines = await readLines();
    const violations = having(lines, { kind: 'violation' });
    expect(having(violations, { violation: 'missing', id: lost })).toHaveLength(1);
    expect(having(violations, { violation: 'changed', id: emptied })).toHaveLength(1);
    expect(having(violations, { violation: 'duplicated' })).toHaveLength(1);
    const [verified = {}] = having(lines, { kind: 'verified' });
    expect(verified).toMatchObject({ missing: 1, changed: 1, duplicated: 1, outOfOrder: 0 });
    expect(verified['found']).toBe(Number(verified['acknowledged']) - 1);
  });
});
