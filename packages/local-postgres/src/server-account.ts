import { spawn } from 'node:child_process';
import type { ChildProcessByStdio } from 'node:child_process';
import { chown, readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import type { Readable } from 'node:stream';
import { hasCode } from './binaries.ts';

/** The user that Postgres runs as; `undefined` means: as the one who runs us. */
export type ServerAccount = { uid: number; gid: number } | undefined;

/** "nobody": exists in every user namespace of the usual size, and has this number nearly everywhere. */
const NOBODY = { uid: 65_534, gid: 65_534 };
/** For programs that only look: they end at once where the disk answers. */
const PROBED_WITHIN_MS = 10_000;

/**
 * Chooses who runs the server. Postgres refuses to run as root, so root hands it to whoever owns the existing data,
 * else to nobody.
 * @throws Error when the data belongs to somebody else and we are not root.
 */
export async function chooseAccount(dataDirectory: string): Promise<ServerAccount> {
  const myUid = process.getuid?.();
  const owner = await ownerOf(dataDirectory);
  if (myUid === 0) return owner === undefined || owner.uid === 0 ? NOBODY : owner;
  if (owner !== undefined && owner.uid !== myUid) {
    throw new Error(
      `${dataDirectory} belongs to the user ${owner.uid}, we run as ${myUid}: ` +
        `run as that user, give it to us (sudo chown -R ${myUid} ${dataDirectory}), or remove it to begin anew`,
    );
  }
  return undefined;
}

async function ownerOf(file: string): Promise<{ uid: number; gid: number } | undefined> {
  try {
    const { uid, gid } = await stat(file);
    return { uid, gid };
  } catch (error) {
    if (hasCode(error, 'ENOENT')) return undefined;
    throw error;
  }
}

/** Gives a folder with everything in it to the account. */
export async function giveTo(account: ServerAccount, directory: string): Promise<void> {
  if (account === undefined) return;
  await chown(directory, account.uid, account.gid);
  for (const entry of await readdir(directory, { recursive: true, withFileTypes: true })) {
    if (entry.isSymbolicLink()) continue;
    await chown(path.join(entry.parentPath, entry.name), account.uid, account.gid);
  }
}

/** Whether the account can walk to the folder. Tried instead of computed: ACLs and mounts have a say too. */
export async function canWalkTo(account: ServerAccount, directory: string): Promise<boolean> {
  const { code } = await runAs(account, ['/bin/sh', '-c', 'cd -- "$1"', 'sh', directory]);
  return code === 0;
}

/**
 * Whether the account can start the program (folder reachable, mount not `noexec`, libraries found).
 * @returns `undefined` when it can, else what the system said.
 */
export async function obstacleTo(account: ServerAccount, program: string): Promise<string | undefined> {
  const { code, output } = await runAs(account, [program, '--version']);
  return code === 0 ? undefined : output.trim() || `exit code ${code}`;
}

/**
 * Runs a program to its end as the account, in `/`, with nothing of our environment but PATH.
 * A program that cannot even be started has the code 127.
 * @throws Error when it takes longer than `withinMs`; it is killed then, and not waited for: it may hang in the kernel.
 */
export async function runAs(
  account: ServerAccount,
  command: readonly string[],
  withinMs = PROBED_WITHIN_MS,
): Promise<{ code: number; output: string }> {
  const [program = '', ...args] = command;
  const child = spawn(program, args, {
    ...account,
    cwd: '/',
    env: serverEnvironment(),
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8');
    stream.on('data', (text: string) => (output += text));
  }
  return await new Promise((resolve, reject) => {
    const giveUp = setTimeout(() => {
      abandon(child);
      reject(new Error(tooSlow(command, withinMs, output)));
    }, withinMs);
    const end = (code: number, said: string): void => {
      clearTimeout(giveUp);
      resolve({ code, output: said });
    };
    child.once('error', (error) => end(127, error.message));
    child.once('close', (code) => end(code ?? 126, output));
  });
}

/** Kills it, and lets go of it: one that does not even hear SIGKILL must not keep us from ending. */
function abandon(child: ChildProcessByStdio<null, Readable, Readable>): void {
  child.kill('SIGKILL');
  child.stdout.destroy();
  child.stderr.destroy();
  child.unref();
}

function tooSlow(command: readonly string[], withinMs: number, output: string): string {
  const said = output.trim() === '' ? 'It said nothing.' : `It said:\n${output.trim()}`;
  return (
    `${command.join(' ')} did not end within ${withinMs / 1000} s and was killed: ` +
    `usually a disk does not answer, or is very slow. ${said}`
  );
}

/** No PG* variable of the user may steer our server. */
export function serverEnvironment(): NodeJS.ProcessEnv {
  // The keeper needs its `sleep`, even where we were started without a PATH.
  return { PATH: `${process.env['PATH'] ?? ''}:/usr/bin:/bin`, LC_ALL: 'C', TZ: 'UTC' };
}
