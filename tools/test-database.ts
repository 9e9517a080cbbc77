import { startTestServer } from '@crossfade/local-postgres/testing';

/** Vitest's global set-up: one Postgres for all tests of a run, gone when the run is. */
export default async function setup(): Promise<() => Promise<void>> {
  return await startTestServer();
}
