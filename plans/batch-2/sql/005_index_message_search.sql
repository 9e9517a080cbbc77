-- Migration: 005_index_message_search.sql
-- Built after the backfill: an index that exists while a hundred thousand rows are filled would make each of them slower.
CREATE INDEX CONCURRENTLY idx_messages_body_search
ON public.messages USING gin (body_search);

-- crossfade:undo
DROP INDEX CONCURRENTLY IF EXISTS public.idx_messages_body_search;
