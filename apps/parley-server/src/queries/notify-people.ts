import { isHere } from './fragments.ts';
import { notifyRooms } from './notify.ts';

/**
 * Parts of a WITH that store notifications of one message, for members only, never for its sender, nor for somebody removed.
 * Whoever has muted the conversation is not told of answers, but is when mentioned by name; whoever is both answered and mentioned is
 * told once, of the mention.
 * @param message a part of the WITH with the message, when it was stored
 * @param wanted SELECT of user_id and kind
 */
export const notifyPeople = (message: string, wanted: string): string[] => [
  `concerned AS (
  SELECT DISTINCT ON (p.user_id) p.user_id, w.kind, s.conversation_id, s.id AS message_id, s.seq, s.sender_id
  FROM ${message} s
  JOIN (${wanted}) w ON w.user_id <> s.sender_id
  JOIN public.conversation_participants p ON p.conversation_id = s.conversation_id AND p.user_id = w.user_id
  JOIN auth.users u ON u.id = p.user_id AND ${isHere('u')}
  WHERE w.kind = 'mention' OR NOT p.muted
  ORDER BY p.user_id, w.kind
)`,
  `notified AS (
  INSERT INTO parley.notifications AS n (user_id, kind, conversation_id, message_id, seq, sender_id, created_at)
  SELECT w.user_id, w.kind, w.conversation_id, w.message_id, w.seq, w.sender_id, clock_timestamp() FROM concerned w
  -- Mentioned by an edit of what was an answer to them before. A mention is not told twice.
  ON CONFLICT (message_id, user_id) DO UPDATE SET kind = excluded.kind, read_at = NULL
    WHERE n.kind = 'reply' AND excluded.kind = 'mention'
  RETURNING n.user_id
)`,
];

/** Tells each of them, on all their devices, that there is something new to ask for. */
export const TELL_NOTIFIED = `(
  SELECT ${notifyRooms('notification', `json_agg('u:' || n.user_id)`, 'json_build_object()')}
  FROM notified n HAVING count(*) > 0
) AS told_people`;
