import { parseArgs } from 'node:util';
import { loadRelease } from '../load-release.ts';
import { loggableError } from '../log.ts';
import { addRuntimeMetrics } from '../metrics.ts';
import { buildServer } from '../server.ts';
import { databaseUrl, directDatabaseUrl } from './database-url.ts';
import { hostOf, logLevelOf, portOf, proxiesOf, signUpOf, workspaceOf } from './serve-settings.ts';
import { stopOnSignals } from './stop-on-signals.ts';

/** Serves until it is told to stop. Prints {"listening": URL} on stdout when requests are taken; logs to stderr. */
export async function run(argv: string[]): Promise<void> {
  const { values } = parseArgs({
    args: argv,
    options: {
      port: { type: 'string', default: '8080' },
      host: { type: 'string', default: '127.0.0.1' },
      // The last known flags, kept for a start while the database is away.
      'flag-backup': { type: 'string' },
      'trust-proxy': { type: 'string' },
      web: { type: 'string' },
      workspace: { type: 'string', default: 'Parley' },
      'sign-up': { type: 'string', default: 'closed' },
    },
  });
  const port = portOf(values.port);
  const host = hostOf(values.host);
  const connectionString = databaseUrl();
  const directConnectionString = directDatabaseUrl();
  const trustedProxies = proxiesOf(values['trust-proxy']);
  const backupFile = values['flag-backup'];
  const workspace = { name: workspaceOf(values.workspace), signUp: signUpOf(values['sign-up']) };
  const openRelease = await loadRelease({
    connectionString,
    ...(directConnectionString === undefined ? {} : { directConnectionString }),
    ...(backupFile === undefined ? {} : { backupFile }),
  });
  const { app, metrics } = await buildServer({
    connectionString,
    ...(directConnectionString === undefined ? {} : { directConnectionString }),
    trustedProxies,
    workspace,
    ...(values.web === undefined ? {} : { webFolder: values.web }),
    openRelease,
    logger: {
      level: logLevelOf(process.env['LOG_LEVEL']),
      stream: process.stderr,
      base: { pid: process.pid },
      serializers: { err: loggableError },
    },
  });
  addRuntimeMetrics(metrics);
  stopOnSignals(app);
  try {
    await app.listen({ port, host, listenTextResolver: (address) => `listening at ${address}` });
  } catch (error) {
    // What is open already (connections, timers) would keep a process alive that serves nobody.
    await app.close();
    throw error;
  }
  const address = app.server.address();
  if (address === null || typeof address === 'string')
    throw new Error('the server listens, but at no TCP port');
  const shown = address.family === 'IPv6' ? `[${address.address}]` : address.address;
  process.stdout.write(`${JSON.stringify({ listening: `http://${shown}:${address.port}` })}\n`);
}
