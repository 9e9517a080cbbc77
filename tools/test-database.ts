import { startTestServer } from '@crossfade/local-postgres/testing';
import { startPooler } from './pooler.ts';

/**
 * Vitest's global set-up: one Postgres for all tests of a run, gone when the run is. With CROSSFADE_TEST_POOLER=transaction
 * the tests reach it through a PgBouncer that gives each transaction another server connection.
 */
export default async function setup(): Promise<() => Promise<void>> {
  const mode = process.env['CROSSFADE_TEST_POOLER'] ?? '';
  if (mode !== '' && mode !== 'transaction')
    throw new Error(`CROSSFADE_TEST_POOLER is "${mode}": expected "transaction", or nothing`);
  const stopServer = await startTestServer();
  if (mode === '') return stopServer;
  const serverUrl = process.env['CROSSFADE_TEST_ADMIN_URL'] ?? '';
  try {
    const pooler = await startPooler(serverUrl);
    process.env['CROSSFADE_TEST_POOLER_URL'] = pooler.url;
    return async () => {
      delete process.env['CROSSFADE_TEST_POOLER_URL'];
      await pooler.stop();
      await stopServer();
    };
  } catch (error) {
    await stopServer();
    throw error;
  }
}
