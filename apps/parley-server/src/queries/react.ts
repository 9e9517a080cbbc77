import { isUniqueViolation } from '../database-errors.ts';
import type { Database } from '../database.ts';
import { type ChangedMessage, changeStatement, runChange } from './change-statement.ts';
import { ME, nameOf } from './fragments.ts';

/** Different emoji on one message. */
const MOST_KINDS = 20;

const REACTED = `EXISTS (
  SELECT 1 FROM parley.reactions r WHERE r.message_id = m.id AND r.emoji = $3 AND r.user_id = me.id) AS reacted`;

const fits = (message: string): string =>
  `(${message}.reactions IS NULL OR ${message}.reactions ? $3::text
    OR (SELECT count(*) FROM jsonb_object_keys(${message}.reactions)) < ${MOST_KINDS})`;

const countOf = (message: string): string => `coalesce((${message}.reactions ->> $3::text)::integer, 0)`;

/** Counted in the message's row, so that reading a page does not count; who it was stands in a row of its own. */
const ADD = changeStatement({
  who: 'member',
  seen: `m.reactions, ${REACTED}`,
  wanted: `NOT t.reacted AND ${fits('t')}`,
  assignments: `reactions = coalesce(m.reactions, '{}') || jsonb_build_object($3::text, ${countOf('m')} + 1)`,
  still: fits('m'),
  after: [
    `added AS (
  INSERT INTO parley.reactions (message_id, user_id, emoji, created_at)
  SELECT c.id, t.me, $3, clock_timestamp() FROM changed c, target t
)`,
  ],
});

/** Counted down by whoever took the row away: of two who take away the same one, one finds nothing. */
const REMOVE = changeStatement({
  who: 'member',
  seen: REACTED,
  wanted: 't.reacted',
  first: `removed AS (
  DELETE FROM parley.reactions r USING bumped b, target t
  WHERE r.message_id = t.id AND t.conversation_id = b.id AND r.emoji = $3 AND r.user_id = t.me
  RETURNING b.id, b.version
)`,
  from: 'removed',
  assignments: `reactions = CASE WHEN ${countOf('m')} > 1
    THEN m.reactions || jsonb_build_object($3::text, ${countOf('m')} - 1)
    ELSE nullif(m.reactions - $3::text, '{}') END`,
});

const ATTEMPTS = 3;

/**
 * Once for a person and an emoji. Two at the same moment, also through two processes: the later one meets the primary
 * key, is undone as a whole, and finds the reaction when run again.
 * @returns undefined without a valid session; 'refused' when the message has as many different emoji as it may have
 */
export async function addReaction(
  database: Database,
  tokenHash: Buffer,
  messageId: string,
  emoji: string,
): Promise<ChangedMessage | undefined> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      const values = [tokenHash, messageId, emoji];
      return await runChange(database, { who: 'member', sql: ADD }, values, (row) => {
        if (row.deleted_at !== null) return 'deleted';
        if (row.changed) row.mine = [...(row.mine ?? []), emoji];
        if (row.mine?.includes(emoji) === true) return 'done';
        return Object.keys(row.reactions ?? {}).length < MOST_KINDS ? 'overtaken' : 'refused';
      });
    } catch (error) {
      if (!isUniqueViolation(error, 'reactions_pkey') || attempt === ATTEMPTS) throw error;
    }
  }
}

/** Taking away what is not there is fine. @returns undefined without a valid session. */
export async function removeReaction(
  database: Database,
  tokenHash: Buffer,
  messageId: string,
  emoji: string,
): Promise<ChangedMessage | undefined> {
  const values = [tokenHash, messageId, emoji];
  return await runChange(database, { who: 'member', sql: REMOVE }, values, (row) => {
    if (row.deleted_at !== null) return 'deleted';
    if (row.changed) row.mine = row.mine?.filter((mine) => mine !== emoji) ?? null;
    return row.mine?.includes(emoji) === true ? 'overtaken' : 'done';
  });
}

const MOST_NAMED = 50;

const REACTIONS = `
WITH ${ME},
target AS (
  SELECT me.id AS me, m.id, m.reactions
  FROM me
  LEFT JOIN (public.messages m JOIN public.conversation_participants p ON p.conversation_id = m.conversation_id)
    ON m.id = $2 AND p.user_id = me.id
)
SELECT t.id IS NOT NULL AS found, kind.emoji,
  (SELECT json_agg(json_build_object('id', first.user_id, 'name', ${nameOf('u')}) ORDER BY first.created_at, first.user_id)
   FROM (
     SELECT r.user_id, r.created_at FROM parley.reactions r
     WHERE r.message_id = t.id AND r.emoji = kind.emoji ORDER BY r.created_at LIMIT ${MOST_NAMED}
   ) first JOIN auth.users u ON u.id = first.user_id) AS people
FROM target t LEFT JOIN LATERAL jsonb_object_keys(t.reactions) AS kind (emoji) ON true`;

export type ReactionPeople = { emoji: string; people: { id: string; name: string }[] };

/**
 * Who reacted with what, the first of them.
 * @returns undefined without a valid session, null when there is no such message among the asker's.
 */
export async function readReactions(
  database: Database,
  tokenHash: Buffer,
  messageId: string,
): Promise<ReactionPeople[] | null | undefined> {
  type Row = { found: boolean; emoji: string | null; people: ReactionPeople['people'] | null };
  const rows = await database.query<Row>(REACTIONS, [tokenHash, messageId]);
  const [first] = rows;
  if (first === undefined) return undefined;
  if (!first.found) return null;
  return rows.flatMap(({ emoji, people }) => (emoji === null ? [] : [{ emoji, people: people ?? [] }]));
}
