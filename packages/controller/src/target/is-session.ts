/**
 * Holds in pg_stat_activity for the session of number $1 that began at $2. The number alone may be somebody else's by now: a
 * server process that was lost with its connection is gone, and a busy server soon gives its number to another.
 */
export const isSession = 'pid = $1 and extract(epoch from backend_start)::text = $2';
