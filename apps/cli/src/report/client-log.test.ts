import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { emptyClientLog, logOfRun, readClientLog } from './client-log.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'crossfade-client-log-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

function logOf(...lines: string[]): string {
  const path = join(folder, 'clients.jsonl');
  writeFileSync(path, lines.join('\n'));
  return path;
}

const header = '{"kind":"header","version":1}';
const request = '{"kind":"request","at":1000,"action":"list","ms":12.5,"ok":true,"status":200,"tries":2}';
const verified =
  '{"kind":"verified","acknowledged":3,"found":3,"missing":0,"changed":0,"duplicated":0,"outOfOrder":0}';

describe("the clients' log", () => {
  it('gives requests and the last verification, and passes over what a report does not need', async () => {
    const log = await readClientLog(
      logOf(header, request, '{"kind":"ack","id":"m1"}', request, verified, '{"kind":"end"}', ''),
    );
    expect(log.requests).toHaveLength(2);
    expect(log.requests[0]).toMatchObject({ at: 1000, ms: 12.5, tries: 2 });
    expect(log.verified?.found).toBe(3);
  });

  it('leaves out a last line that a kill has cut off', async () => {
    const log = await readClientLog(logOf(header, request, request.slice(0, 30)));
    expect(log.requests).toHaveLength(1);
    expect(log.verified).toBeNull();
  });

  it('says nothing of a run that began after it had ended', async () => {
    const log = await readClientLog(logOf(header, request, verified));
    expect(logOfRun(log, 1_000)).toBe(log);
    expect(logOfRun(log, 1_001)).toEqual(emptyClientLog);
  });

  it('names the line that cannot be read', async () => {
    await expect(readClientLog(logOf(header, 'garbage', request))).rejects.toThrow('line 2 is not a line');
  });

  it('does not take a request without its time for one', async () => {
    await expect(readClientLog(logOf(header, '{"kind":"request","ms":1}', request))).rejects.toThrow(
      'line 2',
    );
  });
});
