import type { Database } from '../database.ts';
import { messageColumns, mineOf, nameOf } from './fragments.ts';
import type { SeenMessageRow } from './message-row.ts';

/** How far back Batch 1 looks. Bounded, because it reads every one of these messages. */
const NEWEST = 2_000;

const STRIDE = 100;

/**
 * Which messages are the newest of all the person's conversations is found without reading each of these 2,000 deep:
 * every hundredth message's time is looked up, and the 20 newest of these times belong to at least 2,000 messages
 * that are newer still. Only conversations where they lie are read further than one stride.
 */
const BASIC = `
WITH mine AS (
  SELECT c.id, c.last_seq
  FROM public.conversation_participants p JOIN public.conversations c ON c.id = p.conversation_id
  WHERE p.user_id = $1
),
marks AS MATERIALIZED (
  SELECT mine.id FROM mine
  CROSS JOIN generate_series(${STRIDE}, ${NEWEST}, ${STRIDE}) AS back
  JOIN public.messages i ON i.conversation_id = mine.id AND i.seq = mine.last_seq - back + 1
  ORDER BY i.created_at DESC LIMIT ${NEWEST / STRIDE}
),
depths AS MATERIALIZED (SELECT mine.id, mine.last_seq,
  ${STRIDE} * (1 + (SELECT count(*) FROM marks WHERE marks.id = mine.id)) AS depth FROM mine),
newest AS (
  SELECT ${messageColumns('m')}
  FROM depths CROSS JOIN LATERAL (
    SELECT ${messageColumns('i')} FROM public.messages i
    WHERE i.conversation_id = depths.id AND i.seq > depths.last_seq - depths.depth
  ) m
  ORDER BY m.created_at DESC, m.id LIMIT ${NEWEST}
)
SELECT ${messageColumns('n')}, ${nameOf('u')} AS sender_name, ${mineOf('n', '$1')} AS mine
FROM newest n JOIN auth.users u ON u.id = n.sender_id
WHERE n.deleted_at IS NULL AND strpos(lower(n.body), lower($2)) > 0
ORDER BY n.created_at DESC, n.id LIMIT $3`;

export async function searchBasic(
  database: Database,
  userId: string,
  text: string,
  limit: number,
): Promise<SeenMessageRow[]> {
  return await database.query<SeenMessageRow>(BASIC, [userId, text, limit]);
}
