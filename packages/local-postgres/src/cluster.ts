import { randomBytes } from 'node:crypto';
import {
  chmod,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  rename,
  rm,
  rmdir,
  stat,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import { namelessAccount } from './account-name.ts';
import { hasCode } from './binaries.ts';
import { copyCluster } from './copy/copy-cluster.ts';
import type { RunningCluster } from './copy/running-cluster.ts';
import { exists } from './exists.ts';
import { giveTo, runAs } from './server-account.ts';
import type { ServerAccount } from './server-account.ts';

export const SUPERUSER = 'postgres';
/** Usually one or two seconds. */
const MADE_WITHIN_MS = 60_000;

/** What a cluster is made of. `directory` is ours (password, log), `place` holds `data` and may be elsewhere. */
export type ClusterPlan = {
  directory: string;
  place: string;
  account: ServerAccount;
  initdb: string;
  /** A new cluster is a copy of this one. */
  copyOf?: { cluster: RunningCluster; signal: AbortSignal | undefined } | undefined;
};

/**
 * Makes sure that `place/data` is a complete cluster, and returns the superuser's password.
 * A cluster is made in `place/making-…` and renamed when it is complete, so a half-made one never counts.
 */
export async function ensureCluster(
  plan: ClusterPlan,
  log: (line: string) => void,
): Promise<{ password: string }> {
  const data = path.join(plan.place, 'data');
  const passwordFile = path.join(plan.directory, 'password');
  await removeHalfMade(plan.place);
  if (plan.place !== plan.directory && (await exists(data)) && !(await exists(passwordFile))) {
    // Whoever removed the directory did not know of this place: without its password the data is of no use.
    log(`Removing ${data}: what it belonged to, ${plan.directory}, was removed with the password.`);
    await rm(data, { recursive: true });
  }
  if (await exists(path.join(data, 'PG_VERSION'))) {
    if (plan.copyOf !== undefined)
      throw new Error(`${data} is there already: remove it before it is copied to`);
    await assertVersion(data);
    if (plan.account !== undefined && (await stat(data)).uid !== plan.account.uid)
      await giveTo(plan.account, data);
    return { password: await readPassword(passwordFile, data) };
  }
  if (await exists(data)) await removeEmpty(data);
  if (plan.copyOf === undefined) log(`Making a new Postgres cluster in ${data}.`);
  // A copy knows the passwords of its original.
  const password = plan.copyOf?.cluster.password ?? randomBytes(24).toString('base64url');
  await rm(passwordFile, { force: true });
  await writeFile(passwordFile, `${password}\n`, { mode: 0o600, flag: 'wx' });
  // A name of its own each time: the initdb of a run that was killed may still be writing into the last one.
  const making = await mkdtemp(path.join(plan.place, 'making-'));
  try {
    if (plan.copyOf === undefined) await makeCluster(plan, password, making);
    else await makeCopy(plan.account, plan.copyOf, making);
    await rename(path.join(making, 'data'), data);
  } finally {
    await rm(making, { recursive: true, force: true });
  }
  return { password };
}

type Copied = NonNullable<ClusterPlan['copyOf']>;

async function makeCopy(account: ServerAccount, { cluster, signal }: Copied, making: string): Promise<void> {
  const data = path.join(making, 'data');
  await mkdir(data, { mode: 0o700 });
  await copyCluster(cluster, data, signal);
  await giveTo(account, making);
}

async function makeCluster(plan: ClusterPlan, password: string, making: string): Promise<void> {
  const initialPassword = path.join(making, 'password');
  await writeFile(initialPassword, password, { mode: 0o600 });
  await giveTo(plan.account, making);
  // The "builtin" provider knows Unicode's upper and lower case and needs no locale of the system.
  const initdb = [
    plan.initdb,
    `--pgdata=${path.join(making, 'data')}`,
    `--username=${SUPERUSER}`,
    `--pwfile=${initialPassword}`,
    '--auth=scram-sha-256',
    '--encoding=UTF8',
    '--locale=C',
    '--locale-provider=builtin',
    '--builtin-locale=C.UTF-8',
    '--no-sync',
    '--no-instructions',
  ];
  const { code, output } = await runAs(plan.account, initdb, MADE_WITHIN_MS);
  if (code !== 0) {
    const nameless = /could not look up effective user ID (\d+)/.exec(output)?.[1];
    if (nameless !== undefined) throw new Error(namelessAccount(nameless));
    throw new Error(
      `initdb could not make a cluster in ${plan.place} (exit code ${code}):\n${output.trim()}`,
    );
  }
}

async function removeHalfMade(place: string): Promise<void> {
  for (const name of await readdir(place)) {
    if (!/^making-\w{6}$/.test(name)) continue;
    await rm(path.join(place, name), { recursive: true, force: true, maxRetries: 20, retryDelay: 100 });
  }
}

/** We never leave a `data` that is not a cluster: what is in such a folder is somebody's own. */
async function removeEmpty(data: string): Promise<void> {
  try {
    await rmdir(data);
  } catch (cause) {
    throw new Error(
      `${data} is neither empty nor a Postgres cluster: move it away, or use another directory`,
      {
        cause,
      },
    );
  }
}

async function readPassword(file: string, data: string): Promise<string> {
  try {
    const password = (await readFile(file, 'utf8')).trim();
    await chmod(file, 0o600);
    if (password !== '') return password;
  } catch (error) {
    if (!hasCode(error, 'ENOENT')) throw error;
  }
  throw new Error(
    `${file} with the password of the cluster in ${data} is gone: restore it, or remove ${data}`,
  );
}

async function assertVersion(data: string): Promise<void> {
  const version = (await readFile(path.join(data, 'PG_VERSION'), 'utf8')).trim();
  if (version === '18') return;
  throw new Error(
    `${data} was made by Postgres ${version}, the embedded one is 18: ` +
      'dump it with that version, or remove the directory to begin anew',
  );
}
