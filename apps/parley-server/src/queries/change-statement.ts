import type { Database } from '../database.ts';
import { ME, messageColumns, mineOf, nameOf } from './fragments.ts';
import type { SeenMessageRow } from './message-row.ts';
import { notifyRoom } from './notify.ts';

/** What a change of one message ($2) does, in SQL. */
export type Change = {
  who: 'sender' | 'member';
  /** Over `t`, the message as the statement finds it: whether there is anything to change. */
  wanted: string;
  /** What else of the message (`m`) `wanted` looks at. */
  seen?: string;
  /** A part of the WITH that runs when the conversation is locked, before the message is changed. */
  first?: string;
  /** The part that gives the conversation's id and version when the message is to be changed. */
  from?: 'bumped' | 'removed';
  /** SET of the message `m`. */
  assignments: string;
  /** Over `m` as it is once the conversation is locked: whether it may still be changed so. */
  still?: string;
  /** How many versions the conversation gets, over `t`: the message has the last of them. */
  versions?: string;
  /** Further parts of the WITH. They start from `changed`, which has a row when the message was changed. */
  after?: readonly string[];
  /** What else is announced. */
  tell?: readonly string[];
};

/** SQL that announces a change of the message that `row` is. */
export const tellChanged = (row: string): string =>
  notifyRoom(
    'changed',
    `'c:' || ${row}.conversation_id`,
    `json_build_object('conversationId', ${row}.conversation_id, 'seq', ${row}.seq, 'id', ${row}.id, 'version', ${row}.version)`,
  );

/**
 * One statement, one round trip. The conversation's row is locked before the message's, in the same order as a send
 * does it, and gives the message its version: whoever has seen a version has seen every change up to it.
 */
export function changeStatement(change: Change): string {
  const { who, wanted, seen, first, from = 'bumped', assignments, still = 'true' } = change;
  const { versions = '1', after = [], tell = [] } = change;
  return `
WITH ${ME},
target AS (
  SELECT me.id AS me, m.id, m.conversation_id, m.sender_id = me.id AS own, m.thread_id, m.deleted_at, m.body
    ${seen === undefined ? '' : `, ${seen}`}
  FROM me
  LEFT JOIN (public.messages m JOIN public.conversation_participants p ON p.conversation_id = m.conversation_id)
    ON m.id = $2 AND p.user_id = me.id
),
bumped AS (
  UPDATE public.conversations c SET version = c.version + ${versions}
  FROM target t
  WHERE c.id = t.conversation_id AND ${who === 'sender' ? 't.own' : 'true'} AND t.deleted_at IS NULL AND ${wanted}
  RETURNING c.id, c.version
),
${
  first === undefined
    ? ''
    : `${first},
`
}changed AS (
  UPDATE public.messages m SET ${assignments}, version = b.version
  FROM ${from} b
  WHERE m.id = $2 AND m.conversation_id = b.id AND m.deleted_at IS NULL AND ${still}
  RETURNING ${messageColumns('m')}
),
${after.map((part) => `${part},\n`).join('')}answer AS (
  SELECT true AS changed, ${messageColumns('c')} FROM changed c
  UNION ALL
  SELECT false, ${messageColumns('m')} FROM target t JOIN public.messages m ON m.id = t.id
  WHERE NOT EXISTS (SELECT 1 FROM changed)
)
SELECT t.me, t.id IS NOT NULL AS found, t.own, a.changed, ${messageColumns('a')}, ${nameOf('u')} AS sender_name,
  ${mineOf('a', 't.me')} AS mine,
  ${tell.map((told) => `${told},\n`).join('')}CASE WHEN a.changed THEN ${tellChanged('a')} END AS told
FROM target t LEFT JOIN answer a ON true LEFT JOIN auth.users u ON u.id = a.sender_id`;
}

export type ChangedMessage =
  | { outcome: 'done'; me: string; message: SeenMessageRow }
  | { outcome: 'not_found' | 'not_own' | 'deleted' | 'refused' };

/** The message as the statement leaves it, and whether that was its doing. */
export type ChangeRow = SeenMessageRow & { changed: boolean };

type Row = ChangeRow & { me: string; found: boolean; own: boolean | null };

/** 'overtaken': another change that committed while this one waited for the row came first. Then it looks again. */
export type Verdict = 'done' | 'deleted' | 'refused' | 'overtaken';

const ATTEMPTS = 4;

/** @returns undefined without a valid session. */
export async function runChange(
  database: Database,
  { who, sql }: { who: Change['who']; sql: string },
  values: unknown[],
  judge: (row: ChangeRow) => Verdict,
): Promise<ChangedMessage | undefined> {
  for (let attempt = 1; attempt <= ATTEMPTS; attempt += 1) {
    const [row] = await database.query<Row>(sql, values);
    if (row === undefined) return undefined;
    if (!row.found) return { outcome: 'not_found' };
    if (who === 'sender' && row.own !== true) return { outcome: 'not_own' };
    const verdict = judge(row);
    if (verdict === 'done') return { outcome: 'done', me: row.me, message: row };
    if (verdict !== 'overtaken') return { outcome: verdict };
  }
  throw new Error(`a message was changed by others ${ATTEMPTS} times in a row while one change waited`);
}
