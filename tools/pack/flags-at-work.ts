import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createTestDatabase } from '@crossfade/local-postgres/testing';

const crossfade = join(import.meta.dirname, '..', '..', 'apps', 'cli', 'bin', 'crossfade.mjs');

const plan = `crossfade: 1
name: small
title: Small
calendar: { weeks: 1, start: week 1 monday }
groups:
  all: { title: Everybody, percentage: 100 }
flags:
  new_thing: { title: New thing }
phases:
  - id: only
    title: Only phase
    steps:
      - { id: open, type: rollout, title: For everybody, flags: [new_thing], stages: [{ group: all }] }
`;

export const keys = {
  server: 'the-key-of-a-server-process',
  page: 'the-key-of-the-page-is-public',
  operator: 'the-key-of-whoever-is-on-call',
};

/** A database in which a plan has opened "new_thing" to everybody, and a relay that serves it. */
export interface FlagsAtWork {
  readonly databaseUrl: string;
  readonly relayUrl: string;
  close(): Promise<void>;
}

/** @param pageOrigin whose page may ask with its key. */
export async function flagsAtWork(pageOrigin: string): Promise<FlagsAtWork> {
  const undo: (() => Promise<unknown>)[] = [];
  const close = async (): Promise<void> => {
    for (const step of undo.toReversed()) await step();
  };
  try {
    return { ...(await putToWork(pageOrigin, undo)), close };
  } catch (error) {
    await close();
    throw error;
  }
}

/** @param undo what is to be done at the end, the last first; also where this fails half-way. */
async function putToWork(
  pageOrigin: string,
  undo: (() => Promise<unknown>)[],
): Promise<Omit<FlagsAtWork, 'close'>> {
  const database = await createTestDatabase();
  undo.push(async () => await database.drop());
  const folder = mkdtempSync(join(tmpdir(), 'crossfade-at-work-'));
  undo.push(async () => rmSync(folder, { recursive: true }));
  mkdirSync(join(folder, 'plan'));
  writeFileSync(join(folder, 'plan', 'plan.yaml'), plan);
  const keysFile = join(folder, 'keys.json');
  const list = [
    { name: 'shop', kind: 'server', key: keys.server },
    { name: 'page', kind: 'client', key: keys.page, origins: [pageOrigin] },
    { name: 'on-call', kind: 'operator', key: keys.operator },
  ];
  writeFileSync(keysFile, JSON.stringify({ keys: list }), { mode: 0o600 });
  const env = { ...process.env, DATABASE_URL: database.url, CROSSFADE_FOLDER: join(folder, 'work') };

  const run = spawn(crossfade, ['run', join(folder, 'plan'), '--speed', '100000', '--no-report', '--quiet'], {
    env,
  });
  const [code] = (await once(run, 'close')) as [number];
  if (code !== 0) throw new Error(`the plan was not carried out: exit code ${code}`);
  // Past the pooler, if the tests have one: as DATABASE_DIRECT_URL would be set there.
  const direct = { ...env, DATABASE_URL: database.directUrl };
  const relay = spawn(crossfade, ['relay', '--keys', keysFile, '--port', '0'], { env: direct });
  const ended = once(relay, 'close');
  undo.push(async () => {
    relay.kill('SIGTERM');
    await ended;
  });
  const relayUrl = await listening(relay);
  return { databaseUrl: database.directUrl, relayUrl };
}

/** What it says is read on: a process that nobody listens to any more would end. */
async function listening(relay: ChildProcess): Promise<string> {
  let said = '';
  return await new Promise((resolve, reject) => {
    relay.stdout?.on('data', (part: Buffer) => {
      said += part.toString();
      const url = /http:\/\/\S+(?=,)/.exec(said)?.[0];
      if (url !== undefined) resolve(url);
    });
    relay.on('close', () => reject(new Error(`the relay does not listen: ${said}`)));
  });
}
