import type { Client } from 'pg';

/** Who is in which segment, as far as it was asked for. */
export interface KnownMembers {
  /** Reads what is new of these segments, in the transaction that is open. One without anything new is the very same set. */
  read(client: Client, segments: readonly string[]): Promise<ReadonlyMap<string, ReadonlySet<string>>>;
}

interface Known {
  readonly keys: ReadonlySet<string>;
  /** Of the last member that is among them. */
  readonly seq: bigint;
}

interface NewestRow {
  readonly newest: string | null;
}
interface MembersRow {
  readonly segment: string;
  readonly keys: readonly string[];
}

/**
 * Members are only ever added, and numbered in the order in which they were committed. So a segment of a million costs a second
 * once, and nothing afterwards: a flag is switched off as quickly as for ten people. It begins anew for each connection, behind
 * which there may be another database by then.
 */
export function knownMembers(): KnownMembers {
  const known = new Map<string, Known>();
  return {
    async read(client, segments) {
      if (segments.length === 0) return new Map();
      const newest = await newestSeq(client);
      for (const segment of segments) {
        const before = known.get(segment);
        // Numbers that go backwards are of tables that were made anew.
        const from =
          before !== undefined && newest !== undefined && newest >= before.seq ? before : undefined;
        if (from !== undefined && from.seq === newest) continue;
        const added = await readAfter(client, segment, from?.seq);
        known.set(segment, { keys: joined(from?.keys, added), seq: newest ?? 0n });
      }
      return new Map(
        segments.flatMap((segment) => {
          const keys = known.get(segment)?.keys;
          return keys === undefined || keys.size === 0 ? [] : [[segment, keys] as const];
        }),
      );
    },
  };
}

/** Undefined where members are not numbered: an older Crossfade has made the tables. */
async function newestSeq(client: Client): Promise<bigint | undefined> {
  const { rows: columns } = await client.query(
    `select from pg_catalog.pg_attribute
      where attrelid = 'crossfade.segment_members'::regclass and attname = 'seq' and not attisdropped`,
  );
  if (columns.length === 0) return undefined;
  const { rows } = await client.query<NewestRow>('select max(seq) as newest from crossfade.segment_members');
  return BigInt(rows[0]?.newest ?? 0);
}

async function readAfter(
  client: Client,
  segment: string,
  seq: bigint | undefined,
): Promise<readonly string[]> {
  const after = seq === undefined ? '' : ' and seq > $2';
  const { rows } = await client.query<MembersRow>(
    `select segment, json_agg(targeting_key) as keys
       from crossfade.segment_members where segment = $1${after} group by segment`,
    seq === undefined ? [segment] : [segment, String(seq)],
  );
  return rows[0]?.keys ?? [];
}

function joined(before: ReadonlySet<string> | undefined, added: readonly string[]): ReadonlySet<string> {
  if (before !== undefined && added.length === 0) return before;
  return new Set([...(before ?? []), ...added]);
}
