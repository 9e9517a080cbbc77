import pg from 'pg';

/** A lock that a backend holds on a table, or on an index of it; tables that the rehearsed step itself has made are not counted. */
export interface SeenLock {
  /** With its schema, unless that is `public`. */
  readonly table: string;
  readonly index: string | null;
  readonly mode: string;
}

/**
 * Looks at locks from a session of its own: what is looked at is neither slowed down nor changed by it. Between two statements of a
 * transaction nothing is acquired or released, so that a look there is exact.
 */
export class LockObserver {
  readonly #client: pg.Client;
  #known: readonly string[] = [];

  private constructor(client: pg.Client) {
    this.#client = client;
  }

  static async connect(url: string): Promise<LockObserver> {
    const client = new pg.Client({ connectionString: url, application_name: 'crossfade rehearse' });
    client.on('error', () => undefined); // The next question fails, and says so.
    await client.connect();
    return new LockObserver(client);
  }

  /** From now on only these tables and indexes count: nobody waits for what nobody else can see yet. */
  async rememberRelations(): Promise<void> {
    const { rows } = await this.#client.query<{ oid: string }>(
      `select c.oid::text as oid ${ofTheApplication}`,
    );
    this.#known = rows.map(({ oid }) => oid);
  }

  async locksOf(pid: number): Promise<readonly SeenLock[]> {
    const { rows } = await this.#client.query<SeenLock>(
      `select case when tn.nspname = 'public' then '' else quote_ident(tn.nspname) || '.' end || quote_ident(t.relname) as table,
              case when i.indexrelid is not null then c.relname::text end as index, l.mode
         from pg_locks l
         join pg_class c on c.oid = l.relation
         left join pg_index i on i.indexrelid = c.oid
         join pg_class t on t.oid = coalesce(i.indrelid, c.oid)
         join pg_namespace tn on tn.oid = t.relnamespace
        where l.pid = $1 and l.locktype = 'relation' and l.granted and l.mode <> 'AccessShareLock' and c.oid = any($2::oid[])`,
      [pid, this.#known],
    );
    return rows;
  }

  async close(): Promise<void> {
    await this.#client.end();
  }
}

const ofTheApplication = `
  from pg_class c join pg_namespace n on n.oid = c.relnamespace
 where c.relkind in ('r', 'p', 'i', 'I', 'm', 'v', 'f') and n.nspname !~ '^pg_'
   and n.nspname not in ('information_schema', 'crossfade', 'crossfade_ledger')`;
