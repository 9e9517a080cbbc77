import type { Database } from '../database.ts';
import { ME } from './fragments.ts';
import { notifyRoom } from './notify.ts';

/** The person's other devices hear that something about the conversation is otherwise for them. */
const MUTE = `
WITH ${ME},
muted AS (
  UPDATE public.conversation_participants p SET muted = $3
  FROM me WHERE p.conversation_id = $2 AND p.user_id = me.id AND p.muted <> $3
  RETURNING p.conversation_id
)
SELECT p.user_id IS NOT NULL AS member,
  CASE WHEN m.conversation_id IS NOT NULL THEN ${notifyRoom(
    'conversation',
    `'u:' || me.id`,
    `json_build_object('conversationId', m.conversation_id)`,
  )} END AS told
FROM me
LEFT JOIN public.conversation_participants p ON p.conversation_id = $2 AND p.user_id = me.id
LEFT JOIN muted m ON true`;

/** For the asker alone: answers there notify them no more. @returns whether they are a member; undefined without a valid session. */
export async function muteConversation(
  database: Database,
  tokenHash: Buffer,
  conversationId: string,
  muted: boolean,
): Promise<boolean | undefined> {
  const [row] = await database.query<{ member: boolean }>(MUTE, [tokenHash, conversationId, muted]);
  return row?.member;
}
