import { spawn } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { Socket } from 'node:net';
import { serverEnvironment } from './server-account.ts';
import type { ServerAccount } from './server-account.ts';

/**
 * Holds the read end of a pipe from us. The kernel closes our end however we end, SIGKILL included; then the keeper
 * shuts the server down. When the server ends by itself, the keeper ends with its exit code.
 * Its last resort after 20 s is SIGKILL; it counts its turns, because a dead server that nobody reaps (the keeper
 * killed, and a first process of the container that does not care) would seem alive to it for ever.
 * It asks for the shutdown at every turn: a server that has just been started does not hear it yet, and later hears it once.
 * The watcher ignores TERM once it is stopping the server, so that its `sleep` never outlives it.
 */
const KEEPER = `
"$@" </dev/null &
server=$!
trap 'kill -INT "$server" 2>/dev/null' TERM
exec 3<&0
(
  while read -r line <&3; do :; done
  trap '' TERM
  turns=0
  while kill -INT "$server" 2>/dev/null; do
    turns=$((turns + 1))
    [ "$turns" -eq 100 ] && kill -QUIT "$server" 2>/dev/null
    [ "$turns" -eq 200 ] && kill -KILL "$server" 2>/dev/null
    [ "$turns" -gt 200 ] && break
    sleep 0.1 2>/dev/null || sleep 1
  done
) &
watcher=$!
wait "$server"
code=$?
while kill -0 "$server" 2>/dev/null; do
  wait "$server"
  code=$?
done
kill -TERM "$watcher" 2>/dev/null
wait "$watcher" 2>/dev/null
exit "$code"
`;

/** What the keeper's shell is called in a list of processes. */
export const KEEPER_NAME = 'crossfade-postgres-keeper';

/** A server process that lives no longer than this process. */
export type Keeper = {
  /** Resolves (never rejects) with what is known about the end, for instance `exit code 1`. */
  ended: Promise<string>;
  hasEnded: () => boolean;
  /** Asks for a fast shutdown and waits until the keeper is gone. */
  stop: () => Promise<string>;
};

/** Starts `command` under a keeper; output goes to the open file `logFd`. */
export function startKeeper(
  command: readonly string[],
  options: { account: ServerAccount; cwd: string; logFd: number },
): Keeper {
  // A session of its own: Ctrl-C in our terminal is for us alone, we then end the server in good order.
  const child = spawn('/bin/sh', ['-c', KEEPER, KEEPER_NAME, ...command], {
    ...options.account,
    cwd: options.cwd,
    env: serverEnvironment(),
    detached: true,
    stdio: ['pipe', options.logFd, options.logFd],
  });
  let over = false;
  const ended = endOf(child).finally(() => (over = true));
  // A run that forgets stop() must still be able to end; the closing pipe then stops the server.
  child.unref();
  const { stdin } = child;
  if (!(stdin instanceof Socket)) throw new Error('the keeper of Postgres was started without a pipe');
  stdin.unref();
  stdin.on('error', () => undefined); // Nothing is ever written: a broken pipe means it has ended.
  return {
    ended,
    hasEnded: () => over,
    stop: async () => {
      child.ref();
      stdin.destroy();
      return await ended;
    },
  };
}

async function endOf(child: ChildProcess): Promise<string> {
  return await new Promise((resolve) => {
    child.once('error', (error) => resolve(`not started: ${error.message}`));
    child.once('exit', (code, signal) =>
      resolve(signal === null ? `exit code ${code}` : `killed by ${signal}`),
    );
  });
}
