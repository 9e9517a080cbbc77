import type { Database } from '../database.ts';
import { ME, messageColumns, mineOf, nameOf } from './fragments.ts';
import type { SeenMessageRow } from './message-row.ts';

/**
 * Versions are given under the conversation's lock, in the order of commits: a snapshot that has the conversation at a
 * version has everything that changed up to it. Messages that share a version, as an import leaves them, come together,
 * however many were asked for: who goes on after that version would miss the rest of them.
 */
const CHANGES = `
WITH ${ME}
SELECT me.id AS me, c.id IS NOT NULL AS member, c.last_seq, c.version AS conversation_version,
  ${messageColumns('m')}, ${nameOf('u')} AS sender_name, ${mineOf('m', 'me.id')} AS mine
FROM me
LEFT JOIN (public.conversation_participants p JOIN public.conversations c ON c.id = p.conversation_id)
  ON p.conversation_id = $2 AND p.user_id = me.id
LEFT JOIN LATERAL (
  SELECT ${messageColumns('i')} FROM public.messages i
  WHERE i.conversation_id = c.id AND i.version > $3
  ORDER BY i.version FETCH FIRST ($4::integer) ROWS WITH TIES
) m ON true
LEFT JOIN auth.users u ON u.id = m.sender_id
ORDER BY m.version, m.seq`;

export type Changes =
  | { outcome: 'not_member' }
  | {
      outcome: 'done';
      me: string;
      rows: SeenMessageRow[];
      version: number;
      lastSeq: number;
      /** There may be more: whoever goes on from the last row's version finds out. */
      hasMore: boolean;
    };

/** What was sent or changed after a version, as it is now. @returns undefined without a valid session. */
export async function readChanges(
  database: Database,
  tokenHash: Buffer,
  conversationId: string,
  { since, limit }: { since: number; limit: number },
): Promise<Changes | undefined> {
  type Row = (SeenMessageRow | { id: null }) & {
    me: string;
    member: boolean;
    last_seq: number;
    conversation_version: number;
  };
  const found = await database.query<Row>(CHANGES, [tokenHash, conversationId, since, limit]);
  const [first] = found;
  if (first === undefined) return undefined;
  if (!first.member) return { outcome: 'not_member' };
  const rows = found.filter((row): row is Row & SeenMessageRow => row.id !== null);
  const { me, last_seq: lastSeq, conversation_version: version } = first;
  const reached = rows.at(-1)?.version ?? version;
  return { outcome: 'done', me, rows, version, lastSeq, hasMore: rows.length >= limit && reached < version };
}
