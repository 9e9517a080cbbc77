import { chmod, cp, mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedPostgres, type EmbeddedPostgres } from '@crossfade/local-postgres';
import pg from 'pg';
import { prepareParley } from '../../demo/parley.ts';
import { ProcessGroup } from '../../demo/process-group.ts';
import { groundPrefix, removeAbandonedGrounds } from './abandoned-grounds.ts';
import { OwnServer } from './own-server.ts';
import { Seeded } from './seeded.ts';

export const peopleCount = 5;
const messages = 600;
const template = 'prepared';

/** Nothing here outlives the trials, so that nothing has to survive a power cut. */
const settings = {
  max_connections: '300',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
};

/** A database of a trial's own. */
export interface GroundDatabase {
  readonly url: string;
  drop(): Promise<void>;
}

/** A trial under way. */
export interface Abandonable {
  /** Ends its processes and its own server at once. */
  abandon(): Promise<void>;
}

/**
 * What all trials stand on: a server with a small Parley in it that is copied for each of them, and its cluster at rest for
 * those that need a server of their own. Prepared once.
 */
export class Ground {
  readonly folder: string;
  readonly #server: EmbeddedPostgres;
  #trials = 0;
  readonly #open = new Set<Abandonable>();

  private constructor(folder: string, server: EmbeddedPostgres) {
    this.folder = folder;
    this.#server = server;
  }

  static async prepare(): Promise<Ground> {
    await removeAbandonedGrounds(tmpdir());
    const folder = await mkdtemp(join(tmpdir(), `${groundPrefix}${process.pid}-`));
    await chmod(folder, 0o711); // The server's account must be able to walk through.
    const directory = join(folder, 'server');
    const first = await startEmbeddedPostgres({ directory, settings });
    const processes = new ProcessGroup();
    try {
      const url = await first.ensureDatabase(template);
      await prepareParley(processes, url, { importFile: undefined, messages, seed: 3 }, peopleCount);
    } finally {
      await processes.endAll();
      await first.stop();
    }
    await mkdir(join(folder, 'cluster'));
    for (const part of ['data', 'password'])
      await cp(join(directory, part), join(folder, 'cluster', part), { recursive: true });
    return new Ground(folder, await startEmbeddedPostgres({ directory, settings }));
  }

  /** What is to be ended together with the ground if it does not end before. Returns how to say that it has. */
  keep(trial: Abandonable): () => void {
    this.#open.add(trial);
    return () => void this.#open.delete(trial);
  }

  /** A name that no other trial has. */
  nextTrial(): string {
    this.#trials += 1;
    return `trial-${process.pid}-${this.#trials}`;
  }

  /** A copy of the small Parley, or, without `prepared`, an empty database. */
  async createDatabase(name: string, from: 'prepared' | 'empty'): Promise<GroundDatabase> {
    const quoted = pg.escapeIdentifier(name);
    await this.#asAdministrator(
      `create database ${quoted} template ${from === 'empty' ? 'template0' : template}`,
    );
    return {
      url: this.#server.databaseUrl(name),
      drop: async () => await this.#asAdministrator(`drop database if exists ${quoted} with (force)`),
    };
  }

  /** A server of the trial's own, with the small Parley in the database that `preparedUrl` names. */
  async startOwnServer(directory: string, afterwards?: () => Promise<void>): Promise<OwnServer> {
    return await OwnServer.start(join(this.folder, 'cluster'), directory, afterwards);
  }

  preparedUrl(server: OwnServer): string {
    return server.databaseUrl(template);
  }

  async remove(): Promise<void> {
    await Promise.all([...this.#open].map(async (trial) => await trial.abandon()));
    await this.#server.stop();
    await rm(this.folder, { recursive: true, force: true });
  }

  async #asAdministrator(sql: string): Promise<void> {
    const client = new pg.Client({ connectionString: this.#server.url });
    await client.connect();
    try {
      await client.query(sql);
    } finally {
      await client.end();
    }
  }
}

/** The same chance for the same fault and seed, and another for the next fault. */
export function chanceOf(fault: string, seed: number): Seeded {
  let hash = 2_166_136_261;
  for (const letter of fault) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 16_777_619);
  return new Seeded(hash ^ Math.imul(seed, 2_654_435_761));
}
