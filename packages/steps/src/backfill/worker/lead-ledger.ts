import type { TargetConnection } from '@crossfade/engine';
import { eachInTransaction } from '../../target/each-in-transaction.ts';
import type { Way } from '../backfill-job.ts';

/** How fast the leader lets workers be: the share of time at work, and why none of it. */
export interface Pace {
  readonly duty: number;
  readonly pausedBecause: string | null;
}

/** A backfill that a leader is at work on. */
export interface Lead extends Pace {
  readonly runId: string;
  readonly stepId: string;
  readonly way: Way;
  readonly token: number;
}

/** Without a word of the leader for so long, workers of other processes stop: it may have been told to pause, or to go back. */
const goneAfterMs = 5_000;

/** Tells workers of other processes that a leader is there. Returns how many of them are at work. */
export async function tellOfLead(connection: TargetConnection, lead: Lead): Promise<number> {
  const { rows } = await eachInTransaction(connection).query<{ helpers: number }>(
    `with told as (
       insert into crossfade_ledger.leads as l (run_id, step_id, direction, token, duty, paused_because)
       values ($1, $2, $3, $4, $5, $6)
       on conflict (run_id, step_id, direction) do update
         set token = excluded.token, seen_at = clock_timestamp(), duty = excluded.duty, paused_because = excluded.paused_because
         where l.token <= excluded.token
     )
     select count(*)::float8 as helpers from crossfade_ledger.slices
      where run_id = $1 and step_id = $2 and direction = $3 and holder like 'worker %' and lease_until > clock_timestamp()`,
    [lead.runId, lead.stepId, lead.way, lead.token, lead.duty, lead.pausedBecause],
  );
  return rows[0]?.helpers ?? 0;
}

/** What a leader that stops says to workers of other processes: they stop before their next batch. */
export async function tellOfEnd(connection: TargetConnection, lead: Lead): Promise<void> {
  await eachInTransaction(connection).query(
    'delete from crossfade_ledger.leads where run_id = $1 and step_id = $2 and direction = $3 and token = $4',
    [lead.runId, lead.stepId, lead.way, lead.token],
  );
}

/** The backfills of a run at which somebody leads now. */
export async function readLeads(connection: TargetConnection, runId: string): Promise<readonly Lead[]> {
  const limited = eachInTransaction(connection);
  const there = await limited.query<{ there: boolean }>(
    `select to_regclass('crossfade_ledger.leads') is not null as there`,
  );
  if (!there.rows[0]?.there) return [];
  const { rows } = await limited.query<Lead>(
    `select run_id as "runId", step_id as "stepId", direction as way, token::float8 as token, duty,
            paused_because as "pausedBecause"
       from crossfade_ledger.leads
      where run_id = $1 and seen_at > clock_timestamp() - interval '${goneAfterMs} milliseconds' order by seen_at`,
    [runId],
  );
  return rows;
}
