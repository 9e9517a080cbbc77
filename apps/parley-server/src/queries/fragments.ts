/** SQL for whether somebody has not been removed: their messages stay, and they are offered to nobody any more. */
export const isHere = (user: string): string =>
  `NOT coalesce(${user}.raw_user_meta_data ? 'removed_at', false)`;

/**
 * The person behind a session, as the first part of a WITH: $1 is the SHA-256 of the token. A statement that starts
 * its FROM with `me` returns no row at all for a session that has ended: that is how a request is refused.
 */
export const ME = `me AS (
  SELECT s.user_id AS id FROM parley.sessions s
  WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > now()
)`;

/**
 * The same for statements that bring people in, or write what a removal takes away. The person's row is locked, so that the
 * removal comes after them and takes it away, or before, and then there is no such session.
 */
export const ME_HERE = `me AS (
  SELECT u.id FROM parley.sessions s JOIN auth.users u ON u.id = s.user_id
  WHERE s.token_hash = $1 AND s.revoked_at IS NULL AND s.expires_at > now() AND ${isHere('u')}
  FOR KEY SHARE OF u
)`;

/** What to call a person: the name they gave, else what stands before the @. */
export const nameOf = (user: string): string =>
  `coalesce(nullif(${user}.raw_user_meta_data ->> 'name', ''), nullif(${user}.raw_user_meta_data ->> 'full_name', ''),
    nullif(split_part(coalesce(${user}.email, ''), '@', 1), ''), 'Someone')`;

/** Listed one by one: columns come and go under us while a migration runs. */
export const messageColumns = (message: string): string =>
  [
    'id',
    'conversation_id',
    'seq',
    'sender_id',
    'thread_id',
    'body',
    'client_id',
    'created_at',
    'edited_at',
    'deleted_at',
    'edit_version',
    'version',
    'reactions',
    'reply_count',
    'last_reply_at',
    'repliers',
    'pinned_at',
    'attachments',
  ]
    .map((column) => `${message}.${column}`)
    .join(', ');

/** What of the reactions to a message are a viewer's own. One look into an index, and none for most messages. */
export const mineOf = (message: string, viewer: string): string =>
  `CASE WHEN ${message}.reactions IS NOT NULL THEN ARRAY(
    SELECT r.emoji FROM parley.reactions r WHERE r.message_id = ${message}.id AND r.user_id = ${viewer}) END`;

/** Kept of those who answered a message, the latest first: who is notified of the next answer. */
export const REPLIERS_KEPT = 50;
