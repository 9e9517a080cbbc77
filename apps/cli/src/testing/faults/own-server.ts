import { cp, mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@crossfade/local-postgres';
import { until } from '../until.ts';

/** As safe as a real one: what these servers have to survive is being killed. */
const settings = {
  max_connections: '60',
  shared_buffers: '32MB',
  max_wal_size: '64MB',
  min_wal_size: '32MB',
};

/** A Postgres of one trial's own, made from a prepared cluster and kept up, so that the whole of it can be hurt. */
export class OwnServer {
  readonly directory: string;
  readonly #afterwards: () => Promise<void>;
  #server: EmbeddedPostgres | undefined;
  #state: 'up' | 'down' | 'given up' = 'down';
  #isKilled = false;
  /** How it has ended each time that nobody had killed it. */
  readonly deathsByItself: string[] = [];

  private constructor(directory: string, afterwards: () => Promise<void>) {
    this.directory = directory;
    this.#afterwards = afterwards;
  }

  /** @param afterwards done when the server has ended, before its folder is removed. */
  static async start(
    clusterToCopy: string,
    directory: string,
    afterwards: () => Promise<void> = async () => undefined,
  ): Promise<OwnServer> {
    await mkdir(directory, { recursive: true });
    for (const part of ['data', 'password'])
      await cp(join(clusterToCopy, part), join(directory, part), { recursive: true });
    const own = new OwnServer(directory, afterwards);
    await own.#start({});
    return own;
  }

  databaseUrl(name: string): string {
    return this.#running.databaseUrl(name);
  }

  /** SIGKILL for the postmaster; its backends find out by themselves. */
  killPostmaster(): void {
    this.#state = 'down';
    this.#isKilled = true;
    process.kill(this.#running.pid, 'SIGKILL');
  }

  /** Waits until it answers again, if it has ended. One that was given up is started once more, as a person would do. */
  async comesBack(): Promise<void> {
    await until('the server to come back', () => this.#state !== 'down' || undefined, 60_000);
    if (this.#state === 'up') return;
    const { port } = this.#running;
    await this.#running.stop();
    await this.#start({ port });
  }

  async remove(): Promise<void> {
    await this.#running.stop();
    await this.#afterwards();
    await rm(this.directory, { recursive: true, force: true });
  }

  get #running(): EmbeddedPostgres {
    if (!this.#server) throw new Error(`the server in ${this.directory} was not started`);
    return this.#server;
  }

  async #start(where: { readonly port?: number }): Promise<void> {
    const keepUp = {
      onDeath: (how: string) => {
        if (!this.#isKilled) this.deathsByItself.push(how);
        this.#isKilled = false;
        this.#state = 'down';
      },
      onRestart: () => (this.#state = 'up'),
      onGivenUp: () => (this.#state = 'given up'),
    };
    this.#server = await startEmbeddedPostgres({ directory: this.directory, settings, keepUp, ...where });
    this.#state = 'up';
  }
}
