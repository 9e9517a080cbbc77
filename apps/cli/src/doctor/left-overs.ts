import { existsSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { inspectEmbedded } from '@crossfade/local-postgres';
import { embeddedFolder } from '../database.ts';
import { readSession, workFolder } from '../session.ts';
import { note, ok, warning, type Seen } from './finding.ts';

const cleans = 'nothing: the next start cleans it up';

/** Who is at work here, and what earlier runs left behind. */
export async function lookAtLeftOvers(): Promise<Seen[]> {
  const session = readSession();
  const seen: Seen[] = [];
  if (session) seen.push(ok(`a demonstration runs here (process ${session.pid})`));
  else if (existsSync(join(workFolder, 'session.json'))) {
    seen.push(note('a demonstration ended here without tidying up (session.json)', cleans));
  }
  seen.push(...(await lookAtEmbedded()));
  return seen.length === 0 ? [ok('nothing: no run has left anything behind here')] : seen;
}

async function lookAtEmbedded(): Promise<Seen[]> {
  const state = await inspectEmbedded(embeddedFolder);
  if (state === undefined) return [];
  const { place, version, ownerPid, ownerIsGone, serverPids, halfMade } = state;
  const seen: Seen[] = [];
  if (place !== resolve(embeddedFolder)) {
    const todo = 'clone where other users may enter, and the data stays in the clone';
    seen.push(note(`the embedded database lies in ${place}, and goes when that is cleaned`, todo));
  }
  if (version !== undefined && version !== '18' && version !== 'unreadable') {
    const todo = 'dump it with that version first, or begin anew: npm start -- --fresh';
    seen.push(warning(`the embedded database was made by Postgres ${version}, ours is 18`, todo));
  }
  if (ownerPid !== undefined) seen.push(ok(`the embedded Postgres is in use by the process ${ownerPid}`));
  if (ownerPid === undefined && serverPids.length > 0) {
    const todo = `the next start ends it; or at once: kill -INT ${Math.min(...serverPids)}`;
    seen.push(warning(`a Postgres of an ended run still runs (${serverPids.length} processes)`, todo));
  } else if (ownerIsGone) {
    seen.push(note('a run was killed while it used the embedded Postgres', cleans));
  }
  if (halfMade.length > 0) seen.push(note('a run was killed while it made a cluster', cleans));
  return seen;
}
