import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

const crossfade = join(import.meta.dirname, '..', '..', '..', '..', 'apps', 'cli', 'bin', 'crossfade.mjs');
const startedWithinMs = 30_000;

export interface RelayProcess {
  readonly url: string;
  kill(): void;
}

/**
 * `crossfade relay` over a database, on a port of its own or the one given, when it knows its flags. It ends with this process.
 * @throws Error when it does not come up within 30 s.
 */
export async function startRelay(databaseUrl: string, keysFile: string, port = 0): Promise<RelayProcess> {
  const given = ['relay', '--json', '--keys', keysFile, '--port', String(port)];
  const child = spawn(process.execPath, [crossfade, ...given], {
    stdio: ['ignore', 'pipe', 2, 'ipc'],
    env: { ...process.env, DATABASE_URL: databaseUrl, DATABASE_DIRECT_URL: '' },
  });
  const { stdout } = child;
  if (stdout === null) throw new Error('crossfade relay was started without a pipe');
  const kill = (): void => void child.kill('SIGKILL');
  try {
    const limit = AbortSignal.timeout(startedWithinMs);
    const [told] = (await Promise.race([
      once(stdout.setEncoding('utf8'), 'data', { signal: limit }),
      once(child, 'exit', { signal: limit }),
    ])) as [unknown];
    const url = /http:\/\/[^"\s]+/.exec(String(told))?.[0];
    if (url === undefined) throw new Error(`crossfade relay: expected an address, got ${String(told)}`);
    while ((await fetch(`${url}/readyz`, { signal: limit })).status !== 200) await sleep(20);
    stdout.resume();
    return { url, kill };
  } catch (error) {
    kill();
    throw error;
  }
}
