import { noFlagUse, type FlagUse, type FlagUseSpan } from '@crossfade/engine';
import type { Pool } from 'pg';
import { sql } from './sql.ts';
import { read, readAtLength } from './transact.ts';

const telemetryTableExists = sql('telemetry-table-exists');
const readExposures = sql('read-exposures');
const readPeopleSeen = sql('read-people-seen');
const readTurns = sql('read-turns');
const readFeatureUses = sql('read-feature-uses');
const readTellingProcesses = sql('read-telling-processes');
const readReceipts = sql('read-flag-receipts');

/** Numbers come as text, since they may be larger than a number can be. These are not. */
type Row = Readonly<Record<string, string | null>>;

/** What applications have reported in this span. Nothing, of an older schema. */
export async function readFlagUse(pool: Pool, span: FlagUseSpan): Promise<FlagUse> {
  const [table] = await read<{ exists: boolean }>(pool, telemetryTableExists);
  if (table?.exists !== true) return noFlagUse;
  const { fromRevision, toRevision, fromMs, toMs, overridden } = span;
  const revisions = [fromRevision, toRevision, toMs];
  const byName = [overridden.map(({ flag }) => flag), overridden.map(({ targetingKey }) => targetingKey)];
  const [exposures = [], seen = [], turns = [], uses = [], receipts = [], processes = []] =
    await readAtLength<Row>(pool, [
      [readExposures, revisions],
      [readPeopleSeen, revisions],
      [readTurns, [...revisions, ...byName]],
      [readFeatureUses, [fromMs, toMs]],
      [readReceipts, revisions],
      [readTellingProcesses, [fromMs, toMs]],
    ]);
  return {
    exposures: exposures.map((row) => ({
      segment: row['segment'] ?? null,
      flag: String(row['flag']),
      variant: String(row['variant']),
      firstRevision: Number(row['first_revision']),
      lastRevision: Number(row['last_revision']),
      people: Number(row['people']),
    })),
    seen: seen.map((row) => ({
      segment: row['segment'] ?? null,
      flag: String(row['flag']),
      people: Number(row['people']),
    })),
    turns: turns.map((row) => ({
      flag: String(row['flag']),
      losses: lossesIn(String(row['losses'])),
      people: Number(row['people']),
    })),
    uses: uses.map((row) => ({
      event: String(row['event']),
      people: Number(row['people']),
    })),
    receipts: receipts.map((row) => ({
      revision: Number(row['revision']),
      process: String(row['process']),
      atMs: Number(row['at_ms']),
    })),
    processes: processes.map((row) => ({
      process: String(row['process']),
      firstAtMs: Number(row['first_at_ms']),
      lastAtMs: Number(row['last_at_ms']),
    })),
  };
}

type Losses = FlagUse['turns'][number]['losses'];

function lossesIn(json: string): Losses {
  const pairs = JSON.parse(json) as readonly (readonly [number, number])[];
  return pairs.map(([onRevision, offRevision]) => ({ onRevision, offRevision }));
}
