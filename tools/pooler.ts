import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { findProgram, freePort, give, servantFolder, startServant } from './servant.ts';

export interface Pooler {
  /** Of the server's maintenance database, through the pooler; every other database is reached the same way. */
  readonly url: string;
  stop(): Promise<void>;
}

/**
 * Starts a PgBouncer in transaction mode in front of a server. Few server connections, used in turn: whatever wrongly
 * counts on meeting the same one again meets another.
 * @throws Error when PgBouncer is not installed.
 */
export async function startPooler(serverUrl: string): Promise<Pooler> {
  const program = findProgram('pgbouncer', ['/usr/sbin', '/usr/local/sbin', '/opt/homebrew/bin']);
  if (program === undefined) {
    throw new Error(
      'pgbouncer is not installed: expected it in the PATH or /usr/sbin (apt-get install pgbouncer)',
    );
  }
  const folder = servantFolder('pooler');
  const port = await freePort();
  const settings = join(folder, 'pgbouncer.ini');
  writeFileSync(settings, settingsFor(new URL(serverUrl), port), { mode: 0o600 });
  give(settings);
  const servant = startServant([program, settings], folder);
  const stop = async () => {
    await servant.stop();
    rmSync(folder, { recursive: true, force: true });
  };
  try {
    await servant.answers(port);
  } catch (error) {
    await stop();
    throw error;
  }
  const url = new URL(serverUrl);
  url.hostname = '127.0.0.1';
  url.port = String(port);
  url.search = '';
  return { url: url.href, stop };
}

function settingsFor({ hostname, port, username, password }: URL, listenPort: number): string {
  const login = `user='${decodeURIComponent(username)}' password='${decodeURIComponent(password)}'`;
  return `[databases]
* = host=${hostname} port=${port || '5432'} ${login}

[pgbouncer]
listen_addr = 127.0.0.1
listen_port = ${listenPort}
unix_socket_dir =
auth_type = any
pool_mode = transaction
default_pool_size = 8
server_round_robin = 1
server_idle_timeout = 5
max_client_conn = 1000
log_connections = 0
log_disconnections = 0
`;
}
