import type { Database } from '../database.ts';
import { ME, messageColumns, mineOf, nameOf } from './fragments.ts';
import type { SeenMessageRow } from './message-row.ts';

const MOST_SHOWN = 100;

const PINS = `
WITH ${ME}
SELECT me.id AS me, p.user_id IS NOT NULL AS member, ${messageColumns('m')}, ${nameOf('u')} AS sender_name,
  ${mineOf('m', 'me.id')} AS mine
FROM me
LEFT JOIN public.conversation_participants p ON p.conversation_id = $2 AND p.user_id = me.id
LEFT JOIN LATERAL (
  SELECT ${messageColumns('i')} FROM public.messages i
  WHERE i.conversation_id = p.conversation_id AND i.pinned_at IS NOT NULL
  ORDER BY i.pinned_at DESC LIMIT ${MOST_SHOWN}
) m ON true
LEFT JOIN auth.users u ON u.id = m.sender_id
ORDER BY m.pinned_at DESC, m.seq DESC`;

export type Pins = { outcome: 'not_member' } | { outcome: 'done'; me: string; rows: SeenMessageRow[] };

/** The newest pin first. @returns undefined without a valid session. */
export async function readPins(
  database: Database,
  tokenHash: Buffer,
  conversationId: string,
): Promise<Pins | undefined> {
  type Row = (SeenMessageRow | { id: null }) & { me: string; member: boolean };
  const found = await database.query<Row>(PINS, [tokenHash, conversationId]);
  const [first] = found;
  if (first === undefined) return undefined;
  if (!first.member) return { outcome: 'not_member' };
  const rows = found.filter((row): row is Row & SeenMessageRow => row.id !== null);
  return { outcome: 'done', me: first.me, rows };
}
