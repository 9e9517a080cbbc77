import { postgresFlagSource } from '@crossfade/flags/postgres';
import { createFlagProvider } from '@crossfade/flags/server';
import { postgresTelemetrySink } from '@crossfade/telemetry/server';
import type { FlagSettings } from '../load-release.ts';
import type { OpenRelease } from '../release.ts';
import { openBatch2 } from './release.ts';

const POLL_INTERVAL_MS = 2_000;

/** With flags from the database, and reports into it. */
export function connectBatch2(settings: FlagSettings): OpenRelease {
  const { connectionString, directConnectionString = connectionString, backupFile } = settings;
  return openBatch2({
    telemetrySink: postgresTelemetrySink({ connectionString, applicationName: 'parley-telemetry' }),
    openFlags: (log, onTrack) =>
      createFlagProvider({
        onTrack,
        source: postgresFlagSource({
          connectionString: directConnectionString,
          pollIntervalMs: POLL_INTERVAL_MS,
        }),
        ...(backupFile === undefined ? {} : { backupFile }),
        log,
      }),
  });
}
