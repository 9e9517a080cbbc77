import { mkdtemp, readFile, rm } from 'node:fs/promises';
import type { ChildProcess } from 'node:child_process';
import os from 'node:os';
import path from 'node:path';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import pg from 'pg';
import { expect, vi } from 'vitest';
import { endProcess, type ParleyServer, runParley, startLoad, startParley } from './parley-processes.ts';
import { fillSmallWorkspace } from './small-workspace.ts';

export type Line = Readonly<Record<string, unknown>>;

/** How many people the crowd of a test has. */
export const PEOPLE = 12;

/** Only ends a test that hangs: a machine that is busy with other things is slow, not wrong. */
export const PATIENCE_MS = 60_000;

/** For an outage that a test stages: its length on a busy machine must not decide whether people lose their patience. */
export const THROUGH_AN_OUTAGE = ['--patience-seconds', String((2 * PATIENCE_MS) / 1000)];

/** A small Parley on two servers with invited people, and the crowd to let loose on it. */
export async function openStage() {
  const database = await createTestDatabase();
  const folder = await mkdtemp(path.join(os.tmpdir(), 'parley-load-'));
  const credentials = path.join(folder, 'people.json');
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await runParley(database.url, 'install');
  await fillSmallWorkspace(client);
  await runParley(database.url, 'invite', '--count', String(PEOPLE), '--output', credentials);
  const servers: ParleyServer[] = await Promise.all([startParley(database.url), startParley(database.url)]);

  const crowds: ChildProcess[] = [];

  /** Starts the crowd as the demonstration does, with the patience that people have. Its exit comes with what it said, which explains it. */
  const startCrowd = (...more: string[]) => startCrowdAt(servers, ...more);

  const startCrowdAt = (addresses: readonly { url: string }[], ...more: string[]) => {
    const log = path.join(folder, `log-${crowds.length}.jsonl`);
    const readLines = async (): Promise<Line[]> => linesOf(await readFile(log, 'utf8'));
    const servedAt = addresses.flatMap(({ url }) => ['--url', url]);
    const common = ['--credentials', credentials, '--log', log, '--people', String(PEOPLE), '--seed', '5'];
    const { child, messages, ended: exit } = startLoad([...servedAt, ...common, ...more]);
    crowds.push(child);
    /** Waits until the log has so many lines with these fields, as a reader does while it is written. */
    const logged = async (fields: Line, count: number): Promise<void> => {
      const enough = vi.waitFor(
        async () => expect(having(await readLines(), fields).length).toBeGreaterThanOrEqual(count),
        { timeout: PATIENCE_MS, interval: 100 },
      );
      const early = await Promise.race([enough.then(() => undefined), exit]);
      if (early === undefined) return;
      throw new Error(
        `expected ${count} of ${JSON.stringify(fields)}, but it ended: ${JSON.stringify(early)}`,
      );
    };
    return { child, messages, exit, logged, readLines };
  };

  const close = async (): Promise<void> => {
    const children = [...crowds, ...servers.map(({ child }) => child)];
    await Promise.all(children.map(async (child) => await endProcess(child, 'SIGKILL')));
    await client.end();
    await database.drop();
    await rm(folder, { recursive: true, force: true });
  };
  return { database, client, servers, startCrowd, startCrowdAt, close };
}

/** Whole lines only: the last one may still be on its way. */
function linesOf(text: string): Line[] {
  const lines = text.split('\n').slice(0, -1);
  return lines.map((line) => JSON.parse(line) as Line);
}

/** The lines that have all these fields. */
export function having(lines: readonly Line[], fields: Line): Line[] {
  return lines.filter((line) => Object.entries(fields).every(([name, value]) => line[name] === value));
}

/** Nothing failed, nothing was found wrong, and everything acknowledged was found. */
export function expectFlawless(lines: readonly Line[]): void {
  expect(having(lines, { kind: 'request', ok: false })).toEqual([]);
  expect(having(lines, { kind: 'violation' })).toEqual([]);
  const sends = having(lines, { kind: 'ack', write: 'send' }).length;
  expect(having(lines, { kind: 'verified' })).toMatchObject([
    { acknowledged: sends, found: sends, missing: 0, changed: 0, duplicated: 0, outOfOrder: 0 },
  ]);
  expect(lines.at(-1)).toEqual({ kind: 'end' });
}
