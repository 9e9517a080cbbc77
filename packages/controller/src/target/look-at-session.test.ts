import { createServer, type AddressInfo } from 'node:net';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { askForSession } from '@crossfade/store';
import { Client } from 'pg';
import { afterEach, describe, expect, it } from 'vitest';
import { lookAtSession, type NamedSession } from './look-at-session.ts';

const closing: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

describe('whoever lets us in and answers no question', () => {
  const letsIn = Buffer.from([0x52, 0, 0, 0, 8, 0, 0, 0, 0, 0x5a, 0, 0, 0, 5, 0x49]); // AuthenticationOk, ReadyForQuery

  async function doorkeeper(): Promise<{ connectionString: string }> {
    const server = createServer((socket) => {
      socket.on('error', () => undefined); // It is cut off, which is the point.
      socket.once('data', () => socket.write(letsIn));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    closing.push(async () => await new Promise((resolve) => server.close(resolve)));
    const { port } = server.address() as AddressInfo;
    return { connectionString: `postgres://somebody@127.0.0.1:${port}/any` };
  }

  const session: NamedSession = {
    pid: 1,
    startedAt: '1',
    standby: false,
    pooled: true,
    connectionName: 'crossfade 1',
  };

  it('is a pooler without a connection to spare, where there is one', async () => {
    expect(await lookAtSession(await doorkeeper(), session, 'work', 100)).toBe('no room');
  });

  it('is a server that does not answer, where there is none', async () => {
    const direct = { ...session, pooled: false };
    expect(await lookAtSession(await doorkeeper(), direct, 'work', 100)).toBe('no answer');
  });
});

it('a server that does not tell who is at work is taken to be at work for whoever is there', async () => {
  const database = await createTestDatabase();
  closing.push(async () => await database.drop());
  const settings = { connectionString: database.directUrl };
  const client = new Client(settings);
  await client.connect();
  closing.push(async () => await client.end());
  const session = { ...(await askForSession(client, 10_000)), connectionName: 'crossfade 1' };
  expect(await lookAtSession(settings, session, 'work', 10_000)).toBe('not at work');
  await client.query('set track_activities = off');
  expect(await lookAtSession(settings, session, 'work', 10_000)).toBe('at work');
});
