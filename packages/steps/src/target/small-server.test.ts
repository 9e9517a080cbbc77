import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@crossfade/local-postgres';
import pg from 'pg';
import { afterAll, beforeAll, expect, it, vi } from 'vitest';
import { schemaStep } from '../schema/definition.ts';
import { driveStep } from '../testing/drive-step.ts';
import { createPgTarget } from '../testing/pg-target.ts';
import { StepWorld } from '../testing/step-world.ts';

/** A server that few may be connected to, of which it keeps three for superusers. */
const settings = { max_connections: '12', superuser_reserved_connections: '3', fsync: 'off' };

let directory: string;
let server: EmbeddedPostgres;
beforeAll(async () => {
  directory = await mkdtemp(path.join(os.tmpdir(), 'crossfade-small-server-'));
  await chmod(directory, 0o711); // The server's account must be able to walk through.
  server = await startEmbeddedPostgres({ directory, settings });
});
afterAll(async () => {
  await server.stop();
  await rm(directory, { recursive: true, force: true, maxRetries: 5 });
});

const config = schemaStep.configSchema.parse({ file: 'a.sql' });
function createWorld(longestSleepMs?: number): StepWorld {
  const files = { 'a.sql': 'create table notes (id int);\n-- crossfade:undo\ndrop table if exists notes;' };
  return new StepWorld({
    target: createPgTarget(server.url),
    files,
    ...(longestSleepMs ? { longestSleepMs } : {}),
  });
}
const forward = async (world: StepWorld) =>
  await driveStep(schemaStep, config, world, { direction: 'forward', fate: 'once' });

/** So many others; each is one connection less for us. */
async function crowd(size: number): Promise<readonly pg.Client[]> {
  const clients = Array.from({ length: size }, () => new pg.Client({ connectionString: server.url }));
  for (const client of clients) {
    client.on('error', () => undefined); // The server ends before they do.
    await client.connect();
  }
  return clients;
}

it('takes none of the last connections, and goes on when there is room again', async () => {
  const others = await crowd(6);
  const world = createWorld(300);
  const done = forward(world);
  await vi.waitUntil(() => world.progress.length > 2, { timeout: 20_000 });
  expect(world.progress[0]?.note).toBe(
    "waits: 5 of the server's 12 connections are free, and 6 are to stay free for those who operate it " +
      '(superuser_reserved_connections, reserved_connections and three): end some, or raise max_connections',
  );
  for (const client of others) await client.end();
  expect(await done).toMatchObject({ end: 'done' });
});

it('says so in the end, when there is no room for a minute', async () => {
  const others = await crowd(6);
  const world = createWorld();
  world.runId = 'run-2';
  expect(await forward(world)).toMatchObject({
    end: 'failed',
    reason: expect.stringMatching(
      /^step step: 5 of the server's 12 connections are free, .*; waited for 6\d s$/,
    ) as string,
  });
  // With jitter, so that several do not come back at once.
  expect(new Set(world.clock.slept).size).toBeGreaterThan(10);
  for (const client of others) await client.end();
});

it('changes nothing on a standby that was given by mistake', async () => {
  await server.stop();
  await writeFile(path.join(directory, 'data', 'standby.signal'), '');
  server = await startEmbeddedPostgres({ directory, settings });
  const world = createWorld();
  world.runId = 'run-3';
  expect(await forward(world)).toMatchObject({
    end: 'failed',
    reason:
      'step step: the database "postgres" is a standby, which takes no writes: expected the primary, or that it is promoted',
  });
});
