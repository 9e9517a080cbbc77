-- Held until the transaction ends: `if not exists` alone is not safe when two sessions create at once.
select pg_advisory_xact_lock(hashtextextended('crossfade control schema', 0))
