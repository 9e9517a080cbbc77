import type { Target } from '@crossfade/engine';

export interface TableSize {
  readonly table: string;
  /** In the copy. */
  readonly rows: number;
  readonly fullRows: number;
}

/** Kinds of statements whose work grows with the rows: they read, check or change each of them. */
const readsAllRows =
  /\b(index|validate|update|insert|delete|merge|refresh|cluster|vacuum|analyze|set\s+not\s+null|type|using|check|unique|foreign\s+key|primary\s+key)\b/i;
/** A change of the catalog alone takes less; what takes longer has looked at rows. */
const catalogAloneMs = 5;

/** What becomes of a duration when all rows are there, and not a part of them. */
export class FullSize {
  readonly #sizes: ReadonlyMap<string, TableSize>;

  constructor(sizes: readonly TableSize[]) {
    this.#sizes = new Map(sizes.map((size) => [size.table, size]));
  }

  /** Linear in the rows of the largest of the tables; what does not look at rows takes as long as in the copy. */
  scaledMs(text: string, tables: readonly string[], measuredMs: number): number {
    if (measuredMs < catalogAloneMs && !readsAllRows.test(text)) return measuredMs;
    return measuredMs * Math.max(1, ...tables.map((table) => this.factorOf(table)));
  }

  factorOf(table: string): number {
    const size = this.#sizes.get(table);
    return size && size.rows > 0 ? Math.max(1, size.fullRows / size.rows) : 1;
  }

  /** Whether it was there before the plan began. */
  knows(table: string): boolean {
    return this.#sizes.has(table);
  }

  sizesOf(tables: ReadonlySet<string>): readonly TableSize[] {
    return [...this.#sizes.values()].filter(({ table }) => tables.has(table));
  }
}

/** Rows of each table by the statistics of the server: near enough for an estimate, and free. */
export async function readRowCounts(
  target: Target,
  signal: AbortSignal,
): Promise<ReadonlyMap<string, number>> {
  const options = { applicationName: 'crossfade rehearse', signal };
  return await target.withConnection(options, async (connection) => {
    const { rows } = await connection.query<{ table: string; rows: number }>(
      `select case when n.nspname = 'public' then '' else quote_ident(n.nspname) || '.' end || quote_ident(c.relname) as table,
              greatest(c.reltuples, pg_stat_get_live_tuples(c.oid), 0)::float8 as rows
         from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where c.relkind in ('r', 'p', 'm') and n.nspname !~ '^pg_' and n.nspname <> 'information_schema'`,
    );
    return new Map(rows.map((row) => [row.table, row.rows]));
  });
}
