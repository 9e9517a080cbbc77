import { createPostgresTarget } from '@crossfade/controller';
import { createTestDatabase } from '@crossfade/local-postgres/testing';
import { catalogDigest } from '@crossfade/steps';
import { createPostgresStore } from '@crossfade/store';
import type { ControlStore, TargetConnection } from '@crossfade/engine';
import { ParleyProcess, prepareParley } from '../demo/parley.ts';
import { People } from '../demo/people.ts';
import { ProcessGroup } from '../demo/process-group.ts';
import { readClientLog, type ClientLog } from '../report/client-log.ts';
import { clientLogFile } from '../report/report-files.ts';

const people = 8;

/** A small Parley on a database of its own, with people in it: what a run meets, in a few seconds. */
export class LiveParley {
  readonly databaseUrl: string;
  readonly url: string;
  readonly store: ControlStore;
  readonly #processes: ProcessGroup;
  readonly #server: ParleyProcess;
  readonly #drop: () => Promise<void>;
  readonly #people: People;

  private constructor(parts: {
    databaseUrl: string;
    url: string;
    store: ControlStore;
    processes: ProcessGroup;
    server: ParleyProcess;
    people: People;
    drop: () => Promise<void>;
  }) {
    this.databaseUrl = parts.databaseUrl;
    this.url = parts.url;
    this.store = parts.store;
    this.#processes = parts.processes;
    this.#server = parts.server;
    this.#people = parts.people;
    this.#drop = parts.drop;
  }

  static async start(options: { messages: number }): Promise<LiveParley> {
    const { url: databaseUrl, directUrl, drop } = await createTestDatabase();
    // Behind a pooler the plan's concurrent index needs it; else the two are the same.
    process.env['DATABASE_DIRECT_URL'] = directUrl;
    const processes = new ProcessGroup();
    await prepareParley(
      processes,
      databaseUrl,
      { importFile: undefined, messages: options.messages, seed: 3 },
      people,
    );
    const server = new ParleyProcess(processes, 'parley', databaseUrl, () => undefined);
    const url = await server.start();
    const crowd = new People(processes, { urls: [url], people, ratePerSecond: 25, seed: 5 });
    await crowd.ready;
    const store = await createPostgresStore({ connectionString: databaseUrl });
    return new LiveParley({ databaseUrl, url, store, processes, server, people: crowd, drop });
  }

  /** People leave; every acknowledged message has been read again when this returns. */
  async peopleLeave(): Promise<ClientLog> {
    await this.#people.finish();
    return readClientLog(clientLogFile);
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    await this.#processes.endAll();
    await this.store.close();
    await this.#drop();
  }

  schemaDigest(): Promise<string> {
    return this.#onTarget(async (connection) => (await catalogDigest(connection)).digest);
  }

  /** Everything that the plan promises about messages from before the run, as one digest. */
  frozenRows(columns: string): Promise<string> {
    return this.#onTarget(async (connection) => {
      const { rows } = await connection.query<{ digest: string }>(
        `SELECT count(*) || ':' || md5(string_agg(concat_ws('|', external_id, ${columns}), ',' ORDER BY external_id)) AS digest
           FROM public.messages WHERE external_id IS NOT NULL`,
      );
      return rows[0]?.digest ?? '';
    });
  }

  #onTarget<T>(work: (connection: TargetConnection) => Promise<T>): Promise<T> {
    const target = createPostgresTarget({ connectionString: this.databaseUrl });
    return target.withConnection({ applicationName: 'test', signal: AbortSignal.timeout(30_000) }, work);
  }
}
