import type { TargetConnection } from '@crossfade/engine';
import { catalogDigest, describedBy } from '@crossfade/steps';

/** What an undo is to put back. */
export interface DatabaseState {
  readonly digest: string;
  readonly objects: Readonly<Record<string, string>>;
  /** Of tables that are counted quickly, by name. */
  readonly rows: Readonly<Record<string, number>>;
}

export interface Difference {
  /** `index public.messages_pkey`, `rows public.messages` */
  readonly object: string;
  /** Null: it was not there. */
  readonly before: string | null;
  /** Null: it is gone. */
  readonly after: string | null;
}

/** Larger tables would be counted for longer than the plan works on them. */
const countedRows = 300_000;

export async function readState(connection: TargetConnection): Promise<DatabaseState> {
  const { digest, objects } = await catalogDigest(connection);
  return { digest, objects, rows: await countRows(connection) };
}

async function countRows(connection: TargetConnection): Promise<Readonly<Record<string, number>>> {
  const { rows: tables } = await connection.query<{ name: string }>(
    `select format('%I.%I', n.nspname, c.relname) as name
       from pg_class c join pg_namespace n on n.oid = c.relnamespace
      where c.relkind = 'r' and c.reltuples < $1 and pg_relation_size(c.oid) < $1::bigint * 1000
        and n.nspname !~ '^pg_' and n.nspname not in ('information_schema', 'crossfade', 'crossfade_ledger')`,
    [countedRows],
  );
  if (tables.length === 0) return {};
  const counts = tables.map(
    ({ name }) => `select '${name.replaceAll("'", "''")}' as name, count(*)::float8 as rows from ${name}`,
  );
  const { rows } = await connection.query<{ name: string; rows: number }>(counts.join(' union all '));
  return Object.fromEntries(rows.map((row) => [row.name, row.rows]));
}

/** What is not as it was: objects by their definition, then tables by how many rows they have. */
export function differences(before: DatabaseState, after: DatabaseState): readonly Difference[] {
  const ofObjects = differing(before.objects, after.objects);
  const inBoth = Object.keys(before.rows).filter((name) => after.rows[name] !== undefined);
  const ofRows = inBoth
    .filter((name) => before.rows[name] !== after.rows[name])
    .map((name) => ({
      object: `rows ${name}`,
      before: `${before.rows[name]}`,
      after: `${after.rows[name]}`,
    }));
  return [...ofObjects, ...ofRows];
}

function differing(
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): readonly Difference[] {
  const names = [...new Set([...Object.keys(before), ...Object.keys(after)])].toSorted();
  return names
    .filter((name) => before[name] !== after[name] && !isOfOneSide(describedBy(name), before, after))
    .map((object) => ({ object, before: before[object] ?? null, after: after[object] ?? null }));
}

/** Of what is left or gone, everything that was said about it is left or gone too: it alone is told. */
function isOfOneSide(
  object: string | undefined,
  before: Readonly<Record<string, string>>,
  after: Readonly<Record<string, string>>,
): boolean {
  return object !== undefined && (before[object] === undefined) !== (after[object] === undefined);
}
