import os from 'node:os';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { waitUntilReady } from './readiness.ts';
import { startRecoveringServer } from './testing/recovering-server.ts';

const lines: string[] = [];
let server: Awaited<ReturnType<typeof startRecoveringServer>>;
let answers: number;
let onAnswer: () => void;

beforeEach(async () => {
  lines.length = 0;
  answers = 0;
  onAnswer = () => undefined;
  server = await startRecoveringServer((count) => {
    answers = count;
    onAnswer();
  });
});
afterEach(() => {
  vi.restoreAllMocks();
  server.close();
});

/** Each look at the server takes so long on our clock. */
async function wait(lookMs: number, hasEnded = (): boolean => false): Promise<'ready' | 'ended'> {
  let nowMs = 0;
  vi.spyOn(performance, 'now').mockImplementation(() => nowMs);
  return await waitUntilReady({
    url: `postgres://postgres:secret@127.0.0.1:${server.port}/postgres`,
    dataDirectory: os.tmpdir(),
    hasEnded: () => {
      nowMs += lookMs;
      return hasEnded();
    },
    timeoutMs: 60_000,
    log: (line) => lines.push(line),
  });
}

describe('a server that recovers from a crash', () => {
  test('is waited for longer than others, which is told once', async () => {
    await expect(wait(25_000, () => answers === 20)).resolves.toBe('ended');
    expect(lines).toEqual([
      'Postgres recovers what a crash left, which takes a while: waiting for up to 10 minutes.',
    ]);
  });

  test('is waited for without a word where that takes 10 s at most', async () => {
    await expect(wait(900, () => answers === 10)).resolves.toBe('ended');
    expect(lines).toEqual([]);
  });

  test('is given up after 10 minutes', async () => {
    await expect(wait(25_000)).rejects.toThrow(
      /^no connection within 600 s, last answer: the database system is starting up$/,
    );
  });

  test('is waited for as long as any other from when it does not even say so any more', async () => {
    onAnswer = () => {
      if (answers === 4) server.close();
    };
    await expect(wait(25_000)).rejects.toThrow(/^no connection within 160 s, last answer: .*ECONNREFUSED/);
  });
});
