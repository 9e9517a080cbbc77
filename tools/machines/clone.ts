import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { delimiter, dirname, join } from 'node:path';
import type { Machine } from './machine.ts';
import { mustRun, runCommand, type CommandEnd, type CommandOptions } from './run-command.ts';

const repository = join(import.meta.dirname, '..', '..');
const installLimitMs = 600_000;
const testsLimitMs = 1_800_000;

/** A fresh clone of the repository's HEAD on a machine of a kind, and the commands one would give in it. */
export class Clone {
  readonly machine: Machine;
  readonly folder: string;
  readonly #root: string;
  readonly #env: NodeJS.ProcessEnv;
  readonly #uid: number | undefined;

  private constructor(machine: Machine, root: string, env: NodeJS.ProcessEnv) {
    this.machine = machine;
    this.#root = root;
    this.folder = join(root, machine.folder ?? 'clone');
    this.#env = env;
    this.#uid = machine.uid;
  }

  static async make(machine: Machine): Promise<Clone> {
    const root = mkdtempSync(join(tmpdir(), 'crossfade-machine-'));
    try {
      const registry = await mustRun(['npm', 'config', 'get', 'registry'], plainly(tmpdir(), 30_000));
      const clone = new Clone(machine, root, environment(machine, root, registry.stdout.trim()));
      await clone.#prepare();
      return clone;
    } catch (error) {
      rmSync(root, { recursive: true, force: true });
      throw error;
    }
  }

  async #prepare(): Promise<void> {
    chmodSync(this.#root, this.machine.closed ? 0o700 : 0o755);
    for (const name of ['home', 'npm-cache']) mkdirSync(join(this.#root, name));
    mkdirSync(dirname(this.folder), { recursive: true });
    await mustRun(
      ['git', 'clone', '--quiet', '--no-hardlinks', repository, this.folder],
      plainly(this.#root, 60_000),
    );
    const { node, npm } = this.machine;
    const wanted = [...(node ? [`node@${node}`] : []), ...(npm ? [`npm@${npm}`] : [])];
    const given = ['install', '--prefix', join(this.#root, 'tools'), '--no-audit', '--no-fund', ...wanted];
    if (wanted.length > 0) await mustRun(['npm', ...given], plainly(this.#root, installLimitMs));
    if (this.#uid !== undefined) giveTo(this.#uid, this.#root);
  }

  /** @returns how long it took, in ms. */
  async install(): Promise<number> {
    const startMs = performance.now();
    await mustRun(this.#wrapped(['npm', 'ci', '--no-audit', '--no-fund']), this.#options(installLimitMs));
    return performance.now() - startMs;
  }

  /** @returns how long `npm test` took, in ms. @throws Error with its last words when it fails. */
  async test(): Promise<number> {
    const startMs = performance.now();
    await mustRun(this.#wrapped(['npm', 'test']), this.#options(testsLimitMs));
    return performance.now() - startMs;
  }

  /** What `npm ci` has put there, in MB. */
  async megabytes(): Promise<number> {
    const { stdout } = await mustRun(['du', '-sk', 'node_modules'], plainly(this.folder, 60_000));
    return Math.round(Number.parseInt(stdout, 10) / 1_024);
  }

  /** Runs a command in the clone, as this kind of machine would. */
  async run(
    command: readonly string[],
    limitMs: number,
    more: Partial<CommandOptions> = {},
  ): Promise<CommandEnd> {
    return await runCommand(this.#wrapped(command), { ...this.#options(limitMs), ...more });
  }

  remove(): void {
    rmSync(this.#root, { recursive: true, force: true, maxRetries: 5, retryDelay: 500 });
  }

  #wrapped(command: readonly string[]): readonly string[] {
    return [...(this.machine.wrap ?? []), ...command];
  }

  #options(limitMs: number): CommandOptions {
    const uid = this.#uid === undefined ? {} : { uid: this.#uid };
    return { cwd: this.folder, env: this.#env, limitMs, ...uid };
  }
}

/** What a machine may need to reach the registry at all. */
const network =
  /^(https?_proxy|no_proxy|NODE_EXTRA_CA_CERTS|NODE_USE_SYSTEM_CA|SSL_CERT_(FILE|DIR)|npm_config_(cafile|https?_proxy|noproxy))$/i;

function environment(machine: Machine, root: string, registry: string): NodeJS.ProcessEnv {
  const env: NodeJS.ProcessEnv = {
    ...Object.fromEntries(Object.entries(process.env).filter(([name]) => network.test(name))),
    // Not the PATH that npm made for us: the machine's own Node comes first.
    PATH: [join(root, 'tools', 'node_modules', '.bin'), ...ownPath()].join(delimiter),
    HOME: join(root, 'home'),
    TERM: 'dumb',
    npm_config_registry: registry,
    npm_config_cache: join(root, 'npm-cache'),
  };
  for (const [name, value] of Object.entries(machine.env ?? {})) {
    if (value === undefined) delete env[name];
    else env[name] = value;
  }
  return env;
}

function ownPath(): string[] {
  return (process.env['PATH'] ?? '').split(delimiter).filter((folder) => !folder.includes('node_modules'));
}

function plainly(cwd: string, limitMs: number): CommandOptions {
  return { cwd, env: { ...process.env, PATH: ownPath().join(delimiter) }, limitMs };
}

function giveTo(uid: number, folder: string): void {
  chownSync(folder, uid, uid);
  for (const entry of readdirSync(folder, { recursive: true, withFileTypes: true }))
    if (!entry.isSymbolicLink()) chownSync(join(entry.parentPath, entry.name), uid, uid);
}
