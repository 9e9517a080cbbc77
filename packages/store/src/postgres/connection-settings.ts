import type { ClientConfig } from 'pg';

/**
 * Every wait of the control store ends: the server gives up a statement before the client gives up the connection, and
 * both well within a lease, so that a half-open socket costs a controller no more than its leadership. The server's limits
 * are set in each transaction (transact.ts) and not here: a pooler refuses them at connecting.
 */
export function connectionSettings(connectionString: string, applicationName: string): ClientConfig {
  return {
    connectionString,
    application_name: applicationName,
    connectionTimeoutMillis: 4_000,
    keepAlive: true,
    keepAliveInitialDelayMillis: 5_000,
    query_timeout: 6_000,
  };
}
