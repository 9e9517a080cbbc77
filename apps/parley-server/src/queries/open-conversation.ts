import { isUniqueViolation } from '../database-errors.ts';
import type { Database } from '../database.ts';
import {
  type ConversationRow,
  createConversation,
  type CreatedConversation,
  KEY_OF_EVERYONE,
  type NewConversation,
  readConversation,
} from './conversations.ts';
import { ME } from './fragments.ts';

const EVERYONE = 'everyone AS (SELECT id FROM unnest($2::uuid[]) AS given (id) UNION SELECT id FROM me)';

/** The newest untitled direct conversation of exactly these people. */
const FIND_DIRECT = `
WITH ${ME},
${EVERYONE}
SELECT c.id
FROM me
JOIN public.conversation_participants mine ON mine.user_id = me.id
JOIN public.conversations c ON c.id = mine.conversation_id
WHERE c.kind = 'direct' AND c.title = '' AND c.member_count = (SELECT count(*) FROM everyone)
  AND NOT EXISTS (
    SELECT 1 FROM public.conversation_participants p
    WHERE p.conversation_id = c.id AND p.user_id NOT IN (SELECT id FROM everyone)
  )
ORDER BY c.last_seq DESC, c.id LIMIT 1`;

/** One of which an administrator has taken somebody out is not that of all of them any longer: they may have another one. */
const FORGET = `
WITH ${ME},
${EVERYONE}
DELETE FROM parley.direct_conversations d USING me
WHERE d.people = ${KEY_OF_EVERYONE}
  AND (SELECT c.member_count FROM public.conversations c WHERE c.id = d.conversation_id) <> (SELECT count(*) FROM everyone)`;

export type OpenedConversation = CreatedConversation | { outcome: 'found'; conversation: ConversationRow };

const ATTEMPTS = 3;

/**
 * Makes a conversation; an untitled direct one of people who have one is found again. When two of them begin it at the same
 * moment, the later one meets the unique key, is undone as a whole, and finds the other's.
 * @returns undefined without a valid session.
 */
export async function openConversation(
  database: Database,
  tokenHash: Buffer,
  wanted: NewConversation,
): Promise<OpenedConversation | undefined> {
  if (wanted.kind !== 'direct' || wanted.title !== '')
    return await createConversation(database, tokenHash, wanted);
  for (let attempt = 1; ; attempt += 1) {
    const found = await findDirect(database, tokenHash, wanted.memberIds);
    if (found !== undefined) return { outcome: 'found', conversation: found };
    try {
      return await createConversation(database, tokenHash, wanted);
    } catch (error) {
      if (!isUniqueViolation(error, 'direct_conversations_pkey') || attempt === ATTEMPTS) throw error;
      await database.query(FORGET, [tokenHash, wanted.memberIds]);
    }
  }
}

async function findDirect(
  database: Database,
  tokenHash: Buffer,
  memberIds: string[],
): Promise<ConversationRow | undefined> {
  const [row] = await database.query<{ id: string }>(FIND_DIRECT, [tokenHash, memberIds]);
  if (row === undefined) return undefined;
  return (await readConversation(database, tokenHash, row.id)) ?? undefined;
}
